// Reductions of constants, with which files compute sizes and shapes. Internal to the reader.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_REDUCED_CONSTANT_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_REDUCED_CONSTANT_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/onnx/operators/operands.h"

namespace mlp {

// Reduces the constant at input 0 by `kind` along `axes`, or along all if empty; applies `kind` to
// each value alone if `of_each`. A constant with one row for each row of the input keeps its rows.
absl::StatusOr<OnnxValues> ReducedConstant(const Operands& operands, ReductionKind kind,
                                           const std::vector<std::int64_t>& axes, bool of_each,
                                           bool keeps_dimensions);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_REDUCED_CONSTANT_H_
