// What a tensor of an ONNX graph stands for while the file is read.

#ifndef MLP_MODEL_FORMATS_ONNX_VALUES_VALUE_H_
#define MLP_MODEL_FORMATS_ONNX_VALUES_VALUE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "model/formats/graph/row_graph.h"
#include "model/formats/onnx/values/constant.h"
#include "model/network.h"

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

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_VALUES_VALUE_H_
