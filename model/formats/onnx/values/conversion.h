// What reading an ONNX graph has come to: its row graph, its words, and what it may still take.

#ifndef MLP_MODEL_FORMATS_ONNX_VALUES_CONVERSION_H_
#define MLP_MODEL_FORMATS_ONNX_VALUES_CONVERSION_H_

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "model/formats/graph/row_graph.h"
#include "model/formats/onnx/values/constant.h"

namespace mlp {

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
  // The greatest absolute values of integers, where they are known and their types allow greater.
  absl::flat_hash_map<RowNodeId, double> integer_bounds;
  bool warned_of_integers = false;  // that they are exact up to 2^24 only
  OnnxWords words;
  std::int64_t evaluations_left = std::int64_t{1} << 26;  // of formulas, to see what they do
  std::deque<onnx::TensorProto> made_tensors;  // of Constant nodes, and of computed constants
  std::vector<std::string> warnings;
  std::int64_t warnings_left_out = 0;

  // Keeps the first warnings: each is a line of the log, and functions repeat theirs with each
  // call.
  void Warn(std::string warning);
};

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_VALUES_CONVERSION_H_
