// What the operators that normalise are written with: the norms, along any axes of a row, and the
// trained scale and shift behind them. Internal to the reader.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_NORMS_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_NORMS_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/onnx/operators/axes.h"
#include "model/formats/onnx/operators/operands.h"

namespace mlp {

// x - mean, the mean being that of the values along the axes.
absl::StatusOr<Signal> Centered(const Operands& operands, Signal x, const RowAxes& axes);

// The values along the axes by their own norm, one of kL1, kL2, kStandard and kRms: in one step
// where they are the whole row.
absl::StatusOr<RowNodeId> AddNormalized(const Operands& operands, const Signal& x,
                                        const RowAxes& axes, Norm norm, float epsilon);

// The values that a row takes of a constant.
using ForUnits = std::function<absl::StatusOr<std::vector<double>>(const OnnxConstant&)>;

// Multiplies by the constant at input `scale` and adds that at input `shift`, where they are given.
absl::StatusOr<OnnxValues> ScaledAndShifted(const Operands& operands, Signal x, std::size_t scale,
                                            std::size_t shift, const ForUnits& for_units);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_NORMS_H_
