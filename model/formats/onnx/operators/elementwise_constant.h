// Element-wise functions of constants, with which files compute sizes and shapes. Internal to the
// reader.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_ELEMENTWISE_CONSTANT_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_ELEMENTWISE_CONSTANT_H_

#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/functions/elementwise_functions.h"

namespace mlp {

// `function` of all inputs, broadcast to their common shape. Integers give integers of the first
// constant's type; conditions and lists give INT64, and other numbers DOUBLE. UNIMPLEMENTED if
// there are too many values, or if an integer is beyond what sizes and indices need; fails like
// BroadcastShape and like TakeBytes. REQUIRES: each input is a constant or a list.
absl::StatusOr<OnnxValues> ElementwiseConstant(const Operands& operands,
                                               const ElementwiseFunction& function,
                                               const std::vector<double>& parameters);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_ELEMENTWISE_CONSTANT_H_
