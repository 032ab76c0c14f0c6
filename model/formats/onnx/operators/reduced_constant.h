// Reductions of constants, as files compute sizes and shapes with. Internal to the reader.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_REDUCED_CONSTANT_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_REDUCED_CONSTANT_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/onnx/operators/operands.h"

namespace mlp {

// What `kind` makes of the constant at input 0 along `axes`, all where there are none; of each
// value by itself where `of_each`. A constant that has a row for each row of the input keeps them.
absl::StatusOr<OnnxValues> ReducedConstant(const Operands& operands, ReductionKind kind,
                                           const std::vector<std::int64_t>& axes, bool of_each,
                                           bool keeps_dimensions);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_REDUCED_CONSTANT_H_
