#include "model/formats/onnx/operators/quantization.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/values/element_type.h"
#include "model/formats/onnx/values/read_constant.h"
#include "model/quote.h"

namespace mlp {
namespace {

RowNodeId AddRounding(const Operands& operands, RowNodeId rows, const Quantization& steps,
                      std::int64_t width) {
  return AddRowOperation(operands, steps, {rows}, width);
}

bool AreSame(const Quantization& a, const Quantization& b) {
  return a.scale == b.scale && a.zero_point == b.zero_point && a.lowest == b.lowest &&
         a.highest == b.highest;
}

}  // namespace

absl::StatusOr<IntegerRange> IntegerRangeOf(int type) {
  switch (type) {
    case onnx::TensorProto::INT8:
      return IntegerRange{-128, 127};
    case onnx::TensorProto::UINT8:
      return IntegerRange{0, 255};
    case onnx::TensorProto::INT16:
      return IntegerRange{-32768, 32767};
    case onnx::TensorProto::UINT16:
      return IntegerRange{0, 65535};
    default:
      return absl::UnimplementedError(
          absl::StrCat("it quantises to ", ElementTypeName(type),
                       "; supported are INT8, UINT8, INT16 and UINT16"));
  }
}

absl::StatusOr<Steps> StepsAt(const Operands& operands, std::size_t scale) {
  const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, scale);
  if (!constant.ok()) return constant.status();
  absl::StatusOr<ConstantTensor<double>> scales =
      ReadNumbers(*constant, operands.conversion.limits);
  if (!scales.ok()) return scales.status();
  Steps steps;
  steps.scales = std::move(scales->values);
  // Rounded to FP32, in which they are applied.
  for (double& value : steps.scales) {
    value = static_cast<float>(value);
    if (value > 0.0 && std::isfinite(value)) continue;
    return absl::InvalidArgumentError(absl::StrCat(constant->Text(), " holds the scale ", value,
                                                   "; expected finite numbers above 0"));
  }
  if (operands.At(scale + 1) != nullptr) {
    const absl::StatusOr<OnnxConstant> point = ConstantAt(operands, scale + 1);
    if (!point.ok()) return point.status();
    absl::StatusOr<ConstantTensor<double>> points = ReadNumbers(*point, operands.conversion.limits);
    if (!points.ok()) return points.status();
    steps.zero_points = std::move(points->values);
    steps.type = point->tensor->data_type();
  }
  if (steps.scales.empty() || steps.zero_points.empty() ||
      (steps.zero_points.size() != 1 && steps.zero_points.size() != steps.scales.size())) {
    return absl::InvalidArgumentError(
        absl::StrCat("it has ", CountText(steps.scales.size(), "scale"), " and ",
                     CountText(steps.zero_points.size(), "zero point"),
                     "; expected at least one scale, and one zero point or one for each scale"));
  }
  return steps;
}

absl::StatusOr<Quantization> QuantizationOfSteps(const Steps& steps) {
  if (!steps.is_one()) return SeveralScales(steps.scales.size());
  const absl::StatusOr<IntegerRange> range = IntegerRangeOf(steps.type);
  if (!range.ok()) return range.status();
  return Quantization{static_cast<float>(steps.scales[0]), static_cast<float>(steps.zero_points[0]),
                      static_cast<float>(range->lowest), static_cast<float>(range->highest)};
}

absl::StatusOr<Signal> Quantized(const Operands& operands, const Signal& x, const Steps& steps) {
  const absl::StatusOr<Quantization> quantization = QuantizationOfSteps(steps);
  if (!quantization.ok()) return quantization.status();
  const std::int64_t width = WidthOf(x.row_shape);
  const auto by = [&](absl::string_view function, RowNodeId value, double constant) {
    return AddWithNumber(operands, function, value, constant, width);
  };
  RowNodeId integers = by("Div", x.node, quantization->scale);
  integers = AddElementwise(operands, "Round", {integers}, {}, width);
  integers = by("Add", integers, quantization->zero_point);
  integers = by("Min", by("Max", integers, quantization->lowest), quantization->highest);
  operands.conversion.quantized[integers] = {x.node, *quantization};
  Signal result = x;
  result.node = integers;
  result.datatype = *DatatypeOf(steps.type);
  return result;
}

absl::StatusOr<Signal> Dequantized(const Operands& operands, Signal x, const Steps& steps) {
  x.datatype = Datatype::kFp32;
  const std::int64_t width = WidthOf(x.row_shape);
  const auto made = operands.conversion.quantized.find(x.node);
  if (made != operands.conversion.quantized.end()) {
    const absl::StatusOr<Quantization> quantization = QuantizationOfSteps(steps);
    if (!quantization.ok()) return quantization.status();
    if (AreSame(*quantization, made->second.steps)) {
      x.node = AddRounding(operands, made->second.rows, *quantization, width);
      return x;
    }
  }
  if (!steps.is_one()) return SeveralScales(steps.scales.size());
  x.node = AddElementwise(operands, "Sub", {x.node, AddConstant(operands, steps.zero_points)}, {},
                          width);
  x.node =
      AddElementwise(operands, "Mul", {x.node, AddConstant(operands, steps.scales)}, {}, width);
  return x;
}

absl::StatusOr<Signal> DequantizedAt(const Operands& operands, std::size_t index) {
  absl::StatusOr<Signal> x = SignalAt(operands, index);
  if (!x.ok()) return x;
  const absl::StatusOr<Steps> steps = StepsAt(operands, index + 1);
  if (!steps.ok()) return steps.status();
  return Dequantized(operands, *std::move(x), *steps);
}

absl::StatusOr<FloatTensor> DequantizedMatrix(const Operands& operands, std::size_t index,
                                              bool transpose, const Steps& steps) {
  absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, index);
  if (!constant.ok()) return constant.status();
  if (constant->Dimensions().size() != 2) {
    return absl::UnimplementedError(absl::StrCat(constant->Text(), " has dimensions ",
                                                 ShapeText(constant->Dimensions()),
                                                 "; supported are weights that are a matrix"));
  }
  if (transpose) constant->transposed = !constant->transposed;
  const absl::StatusOr<ConstantTensor<double>> numbers =
      ReadNumbers(*constant, operands.conversion.limits);
  if (!numbers.ok()) return numbers.status();
  const auto units = static_cast<std::size_t>(numbers->dimensions[1]);
  if (steps.scales.size() != 1 && steps.scales.size() != units) {
    return absl::InvalidArgumentError(
        absl::StrCat(constant->Text(), " has dimensions ", ShapeText(numbers->dimensions), " and ",
                     CountText(steps.scales.size(), "scale"),
                     "; expected one, or one for each unit, [inputs,units]"));
  }
  if (auto status = TakeBytes("its computed weights",
                              static_cast<std::int64_t>(numbers->values.size() * sizeof(float)),
                              operands.conversion.limits);
      !status.ok()) {
    return status;
  }
  FloatTensor weights;
  weights.dimensions = numbers->dimensions;
  weights.values.reserve(numbers->values.size());
  for (std::size_t i = 0; i < numbers->values.size(); ++i) {
    const std::size_t unit = steps.scales.size() == 1 ? 0 : i % units;
    weights.values.push_back(
        static_cast<float>((numbers->values[i] - steps.ZeroPointAt(unit)) * steps.scales[unit]));
  }
  return weights;
}

absl::StatusOr<Signal> TimesMatrix(const Operands& operands, Signal x, FloatTensor weights) {
  if (x.row_shape.size() != 1) {
    return NotFlat(operands, 0, x);
  }
  const std::int64_t units = weights.dimensions[1];
  if (weights.dimensions[0] != x.row_shape[0] || units < 1 || units > Network::kMaxWidth) {
    return absl::InvalidArgumentError(
        absl::StrCat("its weights have dimensions ", ShapeText(weights.dimensions), "; expected [",
                     x.row_shape[0], ",units], with 1 to ", Network::kMaxWidth, " units"));
  }
  x.node = AddRowOperation(operands, Dense{std::move(weights.values)}, {x.node}, units);
  x.row_shape = {units};
  x.datatype = Datatype::kFp32;
  return x;
}

}  // namespace mlp
