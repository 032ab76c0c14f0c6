// What a tensor of an ONNX graph is while the file is read.

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

// A tensor with one row for each row of the input.
struct Signal {
  RowNodeId node = -1;
  std::vector<std::int64_t> row_shape;  // without the batch dimension
  Datatype datatype = Datatype::kFp32;  // the file's type; evaluated in FP32
  std::int64_t batch_axis = 0;          // position of the batch in the whole shape
  // Whether row_shape[batch_axis] is part of the batch dimension: [batch * 5, 3].
  bool folded = false;
  bool one_value_a_row = false;  // a matrix of one column with the rows' values one by one
};

// Integers computed from the input's shape, as used for reshaping.
struct ShapeList {
  std::vector<std::int64_t> entries;  // some may be kBatchSize, or BatchTimes()
  bool scalar = false;                // a single number rather than a list of one number
};

// Derived from the values of a signal: a label, or a decision for each value.
struct Decision {
  Signal scores;
  OutputKind kind = OutputKind::kLabel;
  std::vector<std::int64_t> row_shape;
  Datatype datatype = Datatype::kInt64;
  // Shared, because a node of a few bytes passes them on to the next node. Never null.
  std::shared_ptr<const std::vector<std::int64_t>> integer_labels =
      std::make_shared<const std::vector<std::int64_t>>();
  std::shared_ptr<const std::vector<std::string>> string_labels =
      std::make_shared<const std::vector<std::string>>();
  float threshold = 0.0F;
};

// A list of tensors with one row for each row of the input.
struct SignalSequence {
  std::vector<Signal> signals;
};

// The meaning of a tensor of the graph.
using OnnxValue = std::variant<Signal, OnnxConstant, ShapeList, Decision, SignalSequence>;

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_VALUES_VALUE_H_
