// The operators that quantise rows with a scale computed at run time, and multiply the integers.
// ONNX has one scale for a whole batch, so that a row's answer depends on the other rows. Here each
// row has a separate scale, as if it were the only row. Sources: ONNX's Operators.md and ONNX
// Runtime's ContribOperators.md.

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/broadcast.h"
#include "model/formats/onnx/operators/convert_node.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/quantization.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/values/read_constant.h"
#include "model/quote.h"

namespace mlp {
namespace {

Signal OneForEachRow(RowNodeId node, Datatype datatype) { return {node, {1}, datatype, false}; }

struct RowSteps {
  Signal integers;
  Signal scale;
  Signal zero_point;
};

// As DynamicQuantizeLinear: UINT8, with a range that includes 0.
RowSteps QuantizedByRow(const Operands& operands, const Signal& x) {
  const std::int64_t width = WidthOf(x.row_shape);
  RowNodeId lowest =
      AddRowOperation(operands, Reduction{ReductionKind::kMinimum, 1, width, 1}, {x.node}, 1);
  RowNodeId highest =
      AddRowOperation(operands, Reduction{ReductionKind::kMaximum, 1, width, 1}, {x.node}, 1);
  lowest = AddWithNumber(operands, "Min", lowest, 0.0, 1);
  highest = AddWithNumber(operands, "Max", highest, 0.0, 1);
  const RowNodeId negative = AddElementwise(operands, "Neg", {lowest}, {}, 1);
  const RowNodeId range = AddElementwise(operands, "Add", {highest, negative}, {}, 1);
  // The range is 0 for a row of zeros, and may be too small for a scale if values are close to
  // zero. Any scale works then.
  const RowNodeId step = AddWithNumber(operands, "Div", range, 255.0, 1);
  const RowNodeId some = AddWithNumber(operands, "Greater", step, 0.0, 1);
  const RowNodeId scale =
      AddElementwise(operands, "Where", {some, step, AddConstant(operands, {1.0})}, {}, 1);
  RowNodeId zero_point = AddElementwise(operands, "Div", {negative, scale}, {}, 1);
  zero_point = AddElementwise(operands, "Round", {zero_point}, {}, 1);
  zero_point =
      AddWithNumber(operands, "Min", AddWithNumber(operands, "Max", zero_point, 0.0, 1), 255.0, 1);
  const Signal scales = OneForEachRow(scale, Datatype::kFp32);
  const Signal zero_points = OneForEachRow(zero_point, Datatype::kUint8);
  RowNodeId integers = AddElementwise(
      operands, "Div", {x.node, BroadcastSignal(operands, scales, x.row_shape)}, {}, width);
  integers = AddElementwise(operands, "Round", {integers}, {}, width);
  integers = AddElementwise(
      operands, "Add", {integers, BroadcastSignal(operands, zero_points, x.row_shape)}, {}, width);
  integers = AddWithNumber(operands, "Min", AddWithNumber(operands, "Max", integers, 0.0, width),
                           255.0, width);
  Signal rounded = x;
  rounded.node = integers;
  rounded.datatype = Datatype::kUint8;
  return {std::move(rounded), scales, zero_points};
}

void WarnOfRows(const Operands& operands) {
  operands.conversion.Warn(absl::StrCat(NodeText(operands.node),
                                        " has one scale for all rows of a batch; here each row has "
                                        "its own, as if it were sent alone"));
}

absl::StatusOr<OnnxValues> DynamicQuantizeLinear(const Operands& operands) {
  const absl::StatusOr<Signal> x = FloatSignalAt(operands, 0);
  if (!x.ok()) return x.status();
  WarnOfRows(operands);
  RowSteps steps = QuantizedByRow(operands, *x);
  OnnxValues values;
  values.emplace_back(std::move(steps.integers));
  values.emplace_back(std::move(steps.scale));
  values.emplace_back(std::move(steps.zero_point));
  return values;
}

// x minus its zero point, which is a constant or one for each row.
absl::StatusOr<Signal> Centered(const Operands& operands, Signal x, std::size_t zero_point) {
  if (operands.At(zero_point) == nullptr) return x;
  const std::int64_t width = WidthOf(x.row_shape);
  RowNodeId point = -1;
  if (IsSignal(operands, zero_point)) {
    const absl::StatusOr<Signal> points = SignalAt(operands, zero_point);
    if (!points.ok()) return points.status();
    if (points->row_shape != RowShape{1}) {
      return absl::UnimplementedError(
          absl::StrCat(InputText(operands, zero_point), " has rows of shape ",
                       ShapeText(points->row_shape), "; supported is one zero point a row, [1]"));
    }
    point = BroadcastSignal(operands, *points, x.row_shape);
    point = AddElementwise(operands, "Neg", {point}, {}, width);
    x.node = AddElementwise(operands, "Add", {x.node, point}, {}, width);
    return x;
  }
  const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, zero_point);
  if (!constant.ok()) return constant.status();
  const absl::StatusOr<ConstantTensor<double>> points =
      ReadNumbers(*constant, operands.conversion.limits);
  if (!points.ok()) return points.status();
  if (points->values.size() != 1) {
    return absl::UnimplementedError(
        absl::StrCat(constant->Text(), " has ", points->values.size(),
                     " zero points for rows; supported is one for the tensor"));
  }
  x.node = AddWithNumber(operands, "Sub", x.node, points->values[0], width);
  return x;
}

// The trained integers at input `index` minus their zero points, times `scales`.
absl::StatusOr<FloatTensor> CenteredMatrix(const Operands& operands, std::size_t index,
                                           std::size_t zero_point, std::vector<double> scales) {
  Steps steps;
  steps.scales = std::move(scales);
  if (operands.At(zero_point) != nullptr) {
    const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, zero_point);
    if (!constant.ok()) return constant.status();
    absl::StatusOr<ConstantTensor<double>> points =
        ReadNumbers(*constant, operands.conversion.limits);
    if (!points.ok()) return points.status();
    steps.zero_points = std::move(points->values);
    if (steps.zero_points.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(constant->Text(), " has no values; expected a zero point"));
    }
    if (steps.scales.size() == 1) steps.scales.resize(steps.zero_points.size(), steps.scales[0]);
    if (steps.zero_points.size() != 1 && steps.zero_points.size() != steps.scales.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("it has ", CountText(steps.scales.size(), "scale"), " and ",
                       CountText(steps.zero_points.size(), "zero point"),
                       "; expected one zero point, or one for each scale"));
    }
  }
  return DequantizedMatrix(operands, index, false, steps);
}

absl::StatusOr<OnnxValues> MatMulInteger(const Operands& operands) {
  absl::StatusOr<Signal> x = SignalAt(operands, 0);
  if (x.ok()) x = Centered(operands, *std::move(x), 2);
  if (!x.ok()) return x.status();
  absl::StatusOr<FloatTensor> weights = CenteredMatrix(operands, 1, 3, {1.0});
  if (!weights.ok()) return weights.status();
  absl::StatusOr<Signal> y = TimesMatrix(operands, *std::move(x), *std::move(weights));
  if (!y.ok()) return y.status();
  y->datatype = Datatype::kInt32;
  return SingleValue(*std::move(y));
}

absl::StatusOr<std::vector<double>> ScalesAt(const Operands& operands, std::size_t index) {
  const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, index);
  if (!constant.ok()) return constant.status();
  absl::StatusOr<ConstantTensor<double>> scales =
      ReadNumbers(*constant, operands.conversion.limits);
  if (!scales.ok()) return scales.status();
  if (scales->values.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(constant->Text(), " has no values; expected a scale"));
  }
  return std::move(scales->values);
}

// x W, times x's scale for each row, plus the bias at input `bias`.
absl::StatusOr<OnnxValues> ScaledProduct(const Operands& operands, Signal x, const Signal& scale,
                                         FloatTensor weights, std::size_t bias) {
  absl::StatusOr<Signal> y = TimesMatrix(operands, std::move(x), std::move(weights));
  if (!y.ok()) return y.status();
  const std::int64_t width = WidthOf(y->row_shape);
  y->node = AddElementwise(operands, "Mul",
                           {y->node, BroadcastSignal(operands, scale, y->row_shape)}, {}, width);
  if (operands.At(bias) == nullptr) return SingleValue(*std::move(y));
  const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, bias);
  if (!constant.ok()) return constant.status();
  absl::StatusOr<std::vector<double>> values =
      BroadcastConstant(*constant, y->row_shape, operands.conversion.limits);
  if (!values.ok()) return values.status();
  y->node = AddElementwise(operands, "Add", {y->node, AddConstant(operands, *std::move(values))},
                           {}, width);
  return SingleValue(*std::move(y));
}

// The inputs are A, B, their scales, their zero points, and a bias.
absl::StatusOr<OnnxValues> MatMulIntegerToFloat(const Operands& operands) {
  absl::StatusOr<Signal> x = SignalAt(operands, 0);
  if (x.ok()) x = Centered(operands, *std::move(x), 4);
  if (!x.ok()) return x.status();
  const absl::StatusOr<Signal> scale = SignalAt(operands, 2);
  if (!scale.ok()) return scale.status();
  absl::StatusOr<std::vector<double>> scales = ScalesAt(operands, 3);
  if (!scales.ok()) return scales.status();
  absl::StatusOr<FloatTensor> weights = CenteredMatrix(operands, 1, 5, *std::move(scales));
  if (!weights.ok()) return weights.status();
  return ScaledProduct(operands, *std::move(x), *scale, *std::move(weights), 6);
}

// The inputs are A in floats, B, its scale and zero point, and a bias.
absl::StatusOr<OnnxValues> DynamicQuantizeMatMul(const Operands& operands) {
  const absl::StatusOr<Signal> x = FloatSignalAt(operands, 0);
  if (!x.ok()) return x.status();
  WarnOfRows(operands);
  absl::StatusOr<std::vector<double>> scales = ScalesAt(operands, 2);
  if (!scales.ok()) return scales.status();
  absl::StatusOr<FloatTensor> weights = CenteredMatrix(operands, 1, 3, *std::move(scales));
  if (!weights.ok()) return weights.status();
  RowSteps steps = QuantizedByRow(operands, *x);
  const std::int64_t width = WidthOf(x->row_shape);
  RowNodeId point = BroadcastSignal(operands, steps.zero_point, x->row_shape);
  point = AddElementwise(operands, "Neg", {point}, {}, width);
  steps.integers.node = AddElementwise(operands, "Add", {steps.integers.node, point}, {}, width);
  return ScaledProduct(operands, std::move(steps.integers), steps.scale, *std::move(weights), 4);
}

}  // namespace

const std::vector<OnnxOperator>& DynamicQuantizeOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"DynamicQuantizeLinear", "", 1, 1, {}, DynamicQuantizeLinear},
      {"DynamicQuantizeMatMul", kMicrosoftDomain, 3, 5, {}, DynamicQuantizeMatMul},
      {"MatMulInteger", "", 2, 4, {}, MatMulInteger},
      {"MatMulIntegerToFloat", kMicrosoftDomain, 4, 7, {}, MatMulIntegerToFloat},
  };
  return *operators;
}

}  // namespace mlp
