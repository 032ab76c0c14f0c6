#include "model/formats/onnx/operators/norms.h"

#include <utility>

namespace mlp {
namespace {

// x / sqrt(mean(x^2) + epsilon).
absl::StatusOr<RowNodeId> AddByRootMeanSquare(const Operands& operands, const Signal& x,
                                              const RowAxes& axes, double epsilon) {
  const std::int64_t width = WidthOf(x.row_shape);
  Signal square = x;
  square.node = AddElementwise(operands, "Mul", {x.node, x.node}, {}, width);
  const absl::StatusOr<RowNodeId> mean =
      AddReductionForEach(operands, square, axes, ReductionKind::kMean);
  if (!mean.ok()) return mean.status();
  RowNodeId root = AddWithNumber(operands, "Add", *mean, epsilon, width);
  root = AddElementwise(operands, "Sqrt", {root}, {}, width);
  return AddElementwise(operands, "Div", {x.node, root}, {}, width);
}

// x / |x|, or 0 if the norm is 0.
absl::StatusOr<RowNodeId> AddByLength(const Operands& operands, const Signal& x,
                                      const RowAxes& axes, ReductionKind kind) {
  const std::int64_t width = WidthOf(x.row_shape);
  const absl::StatusOr<RowNodeId> norm = AddReductionForEach(operands, x, axes, kind);
  if (!norm.ok()) return norm.status();
  const RowNodeId is_zero = AddWithNumber(operands, "Equal", *norm, 0.0, width);
  const RowNodeId one = AddConstant(operands, {1.0});
  const RowNodeId divisor = AddElementwise(operands, "Where", {is_zero, one, *norm}, {}, width);
  return AddElementwise(operands, "Div", {x.node, divisor}, {}, width);
}

}  // namespace

absl::StatusOr<Signal> Centered(const Operands& operands, Signal x, const RowAxes& axes) {
  const absl::StatusOr<RowNodeId> mean =
      AddReductionForEach(operands, x, axes, ReductionKind::kMean);
  if (!mean.ok()) return mean.status();
  const std::int64_t width = WidthOf(x.row_shape);
  const RowNodeId negative = AddElementwise(operands, "Neg", {*mean}, {}, width);
  x.node = AddElementwise(operands, "Add", {x.node, negative}, {}, width);
  return x;
}

absl::StatusOr<RowNodeId> AddNormalized(const Operands& operands, const Signal& x,
                                        const RowAxes& axes, Norm norm, float epsilon) {
  const std::int64_t width = WidthOf(x.row_shape);
  if (AlongAxesOf(x.row_shape, axes).count == width) {
    return AddRowOperation(operands, Normalization{norm, epsilon}, {x.node}, width);
  }
  switch (norm) {
    case Norm::kStandard: {
      const absl::StatusOr<Signal> centered = Centered(operands, x, axes);
      if (!centered.ok()) return centered.status();
      return AddByRootMeanSquare(operands, *centered, axes, epsilon);
    }
    case Norm::kRms:
      return AddByRootMeanSquare(operands, x, axes, epsilon);
    default:
      return AddByLength(operands, x, axes,
                         norm == Norm::kL1 ? ReductionKind::kL1 : ReductionKind::kL2);
  }
}

absl::StatusOr<OnnxValues> ScaledAndShifted(const Operands& operands, Signal x, std::size_t scale,
                                            std::size_t shift, const ForUnits& for_units) {
  const std::int64_t width = WidthOf(x.row_shape);
  for (const bool scales : {true, false}) {
    const std::size_t index = scales ? scale : shift;
    if (operands.At(index) == nullptr) continue;
    const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, index);
    if (!constant.ok()) return constant.status();
    absl::StatusOr<std::vector<double>> values = for_units(*constant);
    if (!values.ok()) return values.status();
    const RowNodeId operand = AddConstant(operands, *std::move(values));
    x.node = AddElementwise(operands, scales ? "Mul" : "Add", {x.node, operand}, {}, width);
  }
  return SingleValue(std::move(x));
}

}  // namespace mlp
