// The ONNX operators that a multi-layer perceptron is written with.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_H_

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/formats/onnx_constant.h"
#include "model/formats/row_graph.h"

namespace mlp {

// A tensor that has a row for each row of the input.
struct Signal {
  RowNodeId node = -1;
  std::vector<std::int64_t> row_shape;  // without the batch dimension
  Datatype datatype = Datatype::kFp32;  // as the file has it; it is evaluated in FP32
  std::int64_t batch_axis = 0;          // where the batch stands in the whole shape
  // Whether row_shape[batch_axis] stands in the batch dimension with it: [batch * 5, 3].
  bool folded = false;
  bool one_value_a_row = false;  // a matrix of one column that holds the rows' values one by one
};

// Integers that the file computes from its input's shape, to reshape with them.
struct ShapeList {
  std::vector<std::int64_t> entries;  // some may be kBatchSize, or BatchTimes()
  bool scalar = false;                // a single number rather than a list of one
};

// What is derived from the values of a signal: a label, or a decision for each value.
struct Decision {
  Signal scores;
  OutputKind kind = OutputKind::kLabel;
  std::vector<std::int64_t> row_shape;
  Datatype datatype = Datatype::kInt64;
  // Shared, since a file of a few bytes for each passes them on from node to node. Never null.
  std::shared_ptr<const std::vector<std::int64_t>> integer_labels =
      std::make_shared<const std::vector<std::int64_t>>();
  std::shared_ptr<const std::vector<std::string>> string_labels =
      std::make_shared<const std::vector<std::string>>();
  float threshold = 0.0F;
};

// Tensors with a row for each row of the input, one after the other.
struct SignalSequence {
  std::vector<Signal> signals;
};

// What a tensor of the graph is.
using OnnxValue = std::variant<Signal, OnnxConstant, ShapeList, Decision, SignalSequence>;

// The strings that a file's operators know, in the order of their first use.
class OnnxWords final {
 public:
  // The position of `word`, which is added where it is new. INVALID_ARGUMENT beyond the limits, and
  // where it is no UTF-8.
  absl::StatusOr<std::int64_t> PositionOf(const std::string& word, ConstantLimits& limits);

  std::vector<std::string> Take() && { return std::move(words_); }

 private:
  std::vector<std::string> words_;
  absl::flat_hash_map<std::string, std::int64_t> positions_;
};

// Rows and the steps that they are rounded to: what a QuantizeLinear makes integers of.
struct QuantizedRows {
  RowNodeId rows = -1;
  Quantization steps;
};

// What the conversion of a graph has come to, apart from its values' names.
struct OnnxConversion {
  RowGraph graph;
  ConstantLimits limits;
  std::int64_t row_bytes_left = 0;  // that the row graph's nodes may still take
  // Values that operators may still pick, permute and repeat: each node of a few bytes may do so
  // with a whole row.
  std::int64_t wired_units_left = std::int64_t{1} << 28;
  std::int64_t opset = 0;     // of the nodes that are converted
  std::int64_t ml_opset = 1;  // of ai.onnx.ml
  // The file says that there is one row, so that its shapes may say 1 for the batch.
  bool batch_is_one = false;
  // The number of rows that the file fixes, and that its shapes may hold; 0 where it is free.
  std::int64_t static_batch = 0;
  // skl2onnx closes every regressor with Reshape(-1, 1), also one of several outputs.
  bool from_skl2onnx = false;
  // What stands in front of the integers that a node quantises to.
  absl::flat_hash_map<RowNodeId, QuantizedRows> quantized;
  OnnxWords words;
  std::int64_t evaluations_left = std::int64_t{1} << 26;  // of formulas, to see what they do
  std::deque<onnx::TensorProto> made_tensors;  // of Constant nodes, and of computed constants
  std::vector<std::string> warnings;
  std::int64_t warnings_left_out = 0;

  // Keeps the first warnings: each is a line of the log, and functions repeat theirs with each
  // call.
  void Warn(std::string warning);
};

// The values of the outputs of `node` that have a name. `inputs` has an entry for each of its
// inputs, null for one that is left out. UNIMPLEMENTED for another operator, and for what this one
// does not do here; INVALID_ARGUMENT for a node that is broken. The message names the node.
absl::StatusOr<std::vector<OnnxValue>> ConvertNode(const onnx::NodeProto& node,
                                                   absl::Span<const OnnxValue* const> inputs,
                                                   OnnxConversion& conversion);

// "node 'fc1' of type 'Gemm'", for messages.
std::string NodeText(const onnx::NodeProto& node);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_H_
