// What the operators of quantised models share: integers with a scale and a zero point, for rows
// and for trained values. Source: ONNX's Operators.md, QuantizeLinear and DequantizeLinear.
//
// An integer tensor of rows is a signal of its integers. QuantizeLinear records the rows that they
// come from, so that a DequantizeLinear after it becomes a rounding of these rows, in one layer.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_QUANTIZATION_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_QUANTIZATION_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/values/read_constant.h"

namespace mlp {

// Scales and zero points: one for all values, or one for each position along an axis.
struct Steps {
  std::vector<double> scales;
  std::vector<double> zero_points = {0.0};
  int type = 2;  // ONNX's number for the integers' type; UINT8 by default

  bool is_one() const { return scales.size() == 1 && zero_points.size() == 1; }
  double ZeroPointAt(std::size_t index) const {
    return zero_points[zero_points.size() == 1 ? 0 : index];
  }
};

// The lowest and the highest integer of a type. UNIMPLEMENTED for a type that is not supported.
struct IntegerRange {
  double lowest = 0.0;
  double highest = 255.0;
};
absl::StatusOr<IntegerRange> IntegerRangeOf(int type);

// The scales at input `scale` and the zero points at the next input, which may be omitted.
// INVALID_ARGUMENT if they do not match or a scale is not above 0.
absl::StatusOr<Steps> StepsAt(const Operands& operands, std::size_t scale);

// For rows, which must have one scale and one zero point.
absl::StatusOr<Quantization> QuantizationOfSteps(const Steps& steps);

// Rounds `x` to integers.
absl::StatusOr<Signal> Quantized(const Operands& operands, const Signal& x, const Steps& steps);

// The numbers that the integers `x` represent.
absl::StatusOr<Signal> Dequantized(const Operands& operands, Signal x, const Steps& steps);

// The numbers that the integers at input `index` represent; their scales are at the next input.
absl::StatusOr<Signal> DequantizedAt(const Operands& operands, std::size_t index);

// The numbers that the trained integers at input `index` represent, [rows, units], with at most one
// scale for each unit; transposed if `transpose`.
absl::StatusOr<FloatTensor> DequantizedMatrix(const Operands& operands, std::size_t index,
                                              bool transpose, const Steps& steps);

// x W for such a matrix.
absl::StatusOr<Signal> TimesMatrix(const Operands& operands, Signal x, FloatTensor weights);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_QUANTIZATION_H_
