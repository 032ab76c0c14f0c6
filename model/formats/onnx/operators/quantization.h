// What the operators of quantised models share: integers with a scale and a zero point, of rows and
// of trained values. Source: ONNX's Operators.md, QuantizeLinear and DequantizeLinear.
//
// An integer tensor of rows is a signal of its integers. QuantizeLinear notes what they were made
// of, so that a DequantizeLinear behind it becomes the rounding of the rows itself, one layer.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_QUANTIZATION_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_QUANTIZATION_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/onnx/operators/operands.h"

namespace mlp {

// Scales and zero points, one for all values or one for each along an axis.
struct Steps {
  std::vector<double> scales;
  std::vector<double> zero_points = {0.0};
  int type = 2;  // of the integers, as ONNX numbers types; UINT8 where nothing says more

  bool is_one() const { return scales.size() == 1 && zero_points.size() == 1; }
  double ZeroPointAt(std::size_t index) const {
    return zero_points[zero_points.size() == 1 ? 0 : index];
  }
};

// The lowest and the highest integer of a type. UNIMPLEMENTED for one that nothing quantises to.
struct IntegerRange {
  double lowest = 0.0;
  double highest = 255.0;
};
absl::StatusOr<IntegerRange> IntegerRangeOf(int type);

// The scales at input `scale` and the zero points at the one behind it, which may be left out.
// INVALID_ARGUMENT where they do not go together or a scale is not above 0.
absl::StatusOr<Steps> StepsAt(const Operands& operands, std::size_t scale);

// For rows, which have one scale and one zero point.
absl::StatusOr<Quantization> QuantizationOfSteps(const Steps& steps);

// The integers that `x` is rounded to.
absl::StatusOr<Signal> Quantized(const Operands& operands, const Signal& x, const Steps& steps);

// The numbers that the integers `x` stand for.
absl::StatusOr<Signal> Dequantized(const Operands& operands, Signal x, const Steps& steps);

// Input `index`, integers, whose steps are at the input behind it: the numbers that they stand for.
absl::StatusOr<Signal> DequantizedAt(const Operands& operands, std::size_t index);

// The numbers that the trained integers at input `index` stand for, [rows, units], with scales for
// each unit at most; transposed where that is asked for.
absl::StatusOr<FloatTensor> DequantizedMatrix(const Operands& operands, std::size_t index,
                                              bool transpose, const Steps& steps);

// x W with such a matrix.
absl::StatusOr<Signal> TimesMatrix(const Operands& operands, Signal x, FloatTensor weights);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_QUANTIZATION_H_
