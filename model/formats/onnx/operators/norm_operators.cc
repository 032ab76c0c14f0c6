// The operators that normalise rows, or parts of rows, by their values, and then by trained values.

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/axes.h"
#include "model/formats/onnx/operators/broadcast.h"
#include "model/formats/onnx/operators/norms.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/quote.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

// Reads constants broadcast to a row by numpy's rules.
ForUnits ByBroadcast(const Operands& operands, const RowShape& row_shape) {
  return [&operands, row_shape](const OnnxConstant& constant) {
    return BroadcastConstant(constant, row_shape, operands.conversion.limits);
  };
}

absl::StatusOr<OnnxValues> LpNormalization(const Operands& operands) {
  absl::StatusOr<Signal> x = FloatSignalAt(operands, 0);
  if (!x.ok()) return x.status();
  const std::int64_t p = IntegerAttribute(operands.node, "p", 2);
  if (p != 1 && p != 2) {
    return absl::UnimplementedError(
        absl::StrCat("attribute 'p' is ", p, "; supported are 1 and 2"));
  }
  const absl::StatusOr<RowAxes> axes =
      RowAxesOf(operands, x->row_shape, {IntegerAttribute(operands.node, "axis", -1)});
  if (!axes.ok()) return axes.status();
  const absl::StatusOr<RowNodeId> node =
      AddNormalized(operands, *x, *axes, p == 1 ? Norm::kL1 : Norm::kL2, 0.0F);
  if (!node.ok()) return node.status();
  return WithNode(*std::move(x), *node);
}

// LayerNormalization and RMSNormalization: by the spread of the values, then by a scale and a shift
// for each unit.
template <Norm norm>
absl::StatusOr<OnnxValues> NormalizeSpread(const Operands& operands) {
  absl::StatusOr<Signal> x = FloatSignalAt(operands, 0);
  if (!x.ok()) return x.status();
  const absl::StatusOr<RowAxes> axes =
      RowAxesFrom(operands, x->row_shape, IntegerAttribute(operands.node, "axis", -1));
  if (!axes.ok()) return axes.status();
  const absl::StatusOr<RowNodeId> node =
      AddNormalized(operands, *x, *axes, norm, FloatAttribute(operands.node, "epsilon", 1e-5F));
  if (!node.ok()) return node.status();
  x->node = *node;
  const RowShape row_shape = x->row_shape;
  return ScaledAndShifted(operands, *std::move(x), 1, 2, ByBroadcast(operands, row_shape));
}

// ONNX Runtime's operators: normalise the sum of inputs 0 and 1 (and of input `bias`, a constant).
template <Norm norm>
absl::StatusOr<OnnxValues> NormalizeSum(const Operands& operands) {
  constexpr bool kShifts = norm == Norm::kStandard;
  absl::StatusOr<Signal> x = FloatSignalAt(operands, 0);
  if (!x.ok()) return x.status();
  const absl::StatusOr<Signal> skip = FloatSignalAt(operands, 1);
  if (!skip.ok()) return skip.status();
  if (skip->row_shape != x->row_shape || x->row_shape.empty()) {
    return absl::UnimplementedError(
        absl::StrCat("its inputs have rows of shapes ", ShapeText(x->row_shape), " and ",
                     ShapeText(skip->row_shape), "; supported are equal ones"));
  }
  const RowShape row_shape = x->row_shape;
  x->node = AddElementwise(operands, "Add", {x->node, skip->node}, {}, WidthOf(row_shape));
  constexpr std::size_t kNone = kAnyNumberOfInputs;
  constexpr std::size_t kBias = kShifts ? 4 : 3;
  absl::StatusOr<OnnxValues> sum =
      ScaledAndShifted(operands, *std::move(x), kNone, kBias, ByBroadcast(operands, row_shape));
  if (!sum.ok()) return sum;
  auto& signal = std::get<Signal>(sum->front());
  const absl::StatusOr<RowAxes> axes = RowAxesOf(operands, row_shape, {-1});
  if (!axes.ok()) return axes.status();
  const Signal summed = signal;
  const absl::StatusOr<RowNodeId> node = AddNormalized(
      operands, signal, *axes, norm, FloatAttribute(operands.node, "epsilon", 1e-12F));
  if (!node.ok()) return node.status();
  signal.node = *node;
  absl::StatusOr<OnnxValues> result =
      ScaledAndShifted(operands, signal, 2, kShifts ? 3 : kNone, ByBroadcast(operands, row_shape));
  // Outputs 1 and 2, the mean and the deviation, are only for training; output 3 is the sum.
  if (result.ok() && operands.node.output_size() == 4 && operands.node.output(1).empty() &&
      operands.node.output(2).empty()) {
    result->emplace_back(summed);
    result->emplace_back(summed);
    result->emplace_back(summed);
  }
  return result;
}

// (x - mean) / (standard deviation + 1e-9).
absl::StatusOr<OnnxValues> MeanVarianceNormalization(const Operands& operands) {
  absl::StatusOr<Signal> x = FloatSignalAt(operands, 0);
  if (!x.ok()) return x.status();
  const auto given = IntegersAttribute(operands.node, "axes");
  const absl::StatusOr<RowAxes> axes =
      RowAxesOf(operands, x->row_shape, given.value_or(std::vector<std::int64_t>{0, 2, 3}));
  if (!axes.ok()) return axes.status();
  const absl::StatusOr<Signal> centered = Centered(operands, *x, *axes);
  if (!centered.ok()) return centered.status();
  const std::int64_t width = WidthOf(x->row_shape);
  Signal square = *centered;
  square.node = AddElementwise(operands, "Mul", {centered->node, centered->node}, {}, width);
  const absl::StatusOr<RowNodeId> variance =
      AddReductionForEach(operands, square, *axes, ReductionKind::kMean);
  if (!variance.ok()) return variance.status();
  RowNodeId deviation = AddElementwise(operands, "Sqrt", {*variance}, {}, width);
  deviation = AddWithNumber(operands, "Add", deviation, 1e-9, width);
  const RowNodeId node = AddElementwise(operands, "Div", {centered->node, deviation}, {}, width);
  return WithNode(*std::move(x), node);
}

}  // namespace

const std::vector<OnnxOperator>& NormOperators() {
  const OnnxAttribute axis = {"axis", AttributeProto::INT};
  const OnnxAttribute epsilon = {"epsilon", AttributeProto::FLOAT};
  const OnnxAttribute stash_type = {"stash_type", AttributeProto::INT};
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"LayerNormalization",
       "",
       2,
       3,
       {axis, epsilon, stash_type},
       NormalizeSpread<Norm::kStandard>},
      {"LpNormalization", "", 1, 1, {axis, {"p", AttributeProto::INT}}, LpNormalization},
      {"MeanVarianceNormalization",
       "",
       1,
       1,
       {{"axes", AttributeProto::INTS}},
       MeanVarianceNormalization},
      {"RMSNormalization", "", 2, 2, {axis, epsilon, stash_type}, NormalizeSpread<Norm::kRms>},
      // ONNX Runtime writes these three operators when it optimises a file.
      {"SimplifiedLayerNormalization",
       "",
       2,
       2,
       {axis, epsilon, stash_type},
       NormalizeSpread<Norm::kRms>},
      {"SkipLayerNormalization", "com.microsoft", 3, 5, {epsilon}, NormalizeSum<Norm::kStandard>},
      {"SkipSimplifiedLayerNormalization",
       "com.microsoft",
       3,
       4,
       {epsilon},
       NormalizeSum<Norm::kRms>},
  };
  return *operators;
}

}  // namespace mlp
