// Building blocks of the operators that normalise: norms along any axes of a row, followed by a
// trained scale and shift. Internal to the reader.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_NORMS_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_NORMS_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/onnx/operators/axes.h"
#include "model/formats/onnx/operators/operands.h"

namespace mlp {

// x minus the mean of the values along the axes.
absl::StatusOr<Signal> Centered(const Operands& operands, Signal x, const RowAxes& axes);

// Divides the values along the axes by their norm, one of kL1, kL2, kStandard and kRms; in one step
// if they are the whole row.
absl::StatusOr<RowNodeId> AddNormalized(const Operands& operands, const Signal& x,
                                        const RowAxes& axes, Norm norm, float epsilon);

// Reads the values for each unit of a row from a constant.
using ForUnits = std::function<absl::StatusOr<std::vector<double>>(const OnnxConstant&)>;

// Multiplies by the constant at input `scale` and adds the constant at input `shift`, if they are
// given.
absl::StatusOr<OnnxValues> ScaledAndShifted(const Operands& operands, Signal x, std::size_t scale,
                                            std::size_t shift, const ForUnits& for_units);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_NORMS_H_
