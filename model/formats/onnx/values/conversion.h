// The state of reading an ONNX graph: its row graph, its words, and the limits left.

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

// The strings in a file's operators, in the order of their first use.
class OnnxWords final {
 public:
  // The position of `word`; adds the word if it is new. Fails like TakeBytes beyond the limits.
  // Does not check that the word is UTF-8: Vocabulary::Create does.
  absl::StatusOr<std::int64_t> PositionOf(const std::string& word, ConstantLimits& limits);

  std::vector<std::string> Take() && { return std::move(words_); }

 private:
  std::vector<std::string> words_;
  absl::flat_hash_map<std::string, std::int64_t> positions_;
};

// The rows that a QuantizeLinear reads, and its rounding steps.
struct QuantizedRows {
  RowNodeId rows = -1;
  Quantization steps;
};

// The state of a graph's conversion, apart from the names of its values.
struct OnnxConversion {
  RowGraph graph;
  ConstantLimits limits;
  std::int64_t row_bytes_left = 0;  // that the row graph's nodes may still take
  // Values that operators may still pick, permute or repeat. A node of a few bytes may do so with a
  // whole row, so the total is limited.
  std::int64_t wired_units_left = std::int64_t{1} << 28;
  std::int64_t opset = 0;     // of the nodes being converted
  std::int64_t ml_opset = 1;  // of ai.onnx.ml
  // Whether the file fixes the batch to one row, so that its shapes may have 1 for the batch.
  bool batch_is_one = false;
  // The number of rows that the file fixes, which its shapes may contain; 0 if it is free.
  std::int64_t static_batch = 0;
  // skl2onnx ends every regressor with Reshape(-1, 1), even one with several outputs.
  bool from_skl2onnx = false;
  // For each node that gives quantised integers, the rows and steps they come from.
  absl::flat_hash_map<RowNodeId, QuantizedRows> quantized;
  // The greatest absolute values of integers, if known to be less than their types allow.
  absl::flat_hash_map<RowNodeId, double> integer_bounds;
  bool warned_of_integers = false;  // that integers are exact only up to 2^24
  OnnxWords words;
  std::int64_t evaluations_left = std::int64_t{1} << 26;  // evaluations of formulas, to recognise
                                                          // them
  std::deque<onnx::TensorProto> made_tensors;  // of Constant nodes and of computed constants
  std::vector<std::string> warnings;
  std::int64_t warnings_left_out = 0;

  // Keeps only the first warnings: each is a line in the log, and functions repeat theirs on each
  // call.
  void Warn(std::string warning);
};

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_VALUES_CONVERSION_H_
