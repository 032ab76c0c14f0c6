// Softmax and its variants, along any axes of a row.

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/axes.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/refusals.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

// Up to this number, each group of values becomes a layer with the activation, e.g. the heads of a
// policy network.
constexpr std::int64_t kMaxGroups = 64;

// For a row of `groups` groups side by side.
RowNodeId AddOfGroups(const Operands& operands, RowNodeId x, ActivationKind kind,
                      std::int64_t groups, std::int64_t count) {
  if (groups == 1) return AddRowFunction(operands, kind, x, count);
  RowNode joined = NewRowNode(operands, RowOperation::kConcat, groups * count);
  for (std::int64_t group = 0; group < groups; ++group) {
    const RowNodeId part = AddSlice(operands, x, group * count, count);
    joined.operands.push_back(AddRowFunction(operands, kind, part, count));
  }
  return operands.conversion.graph.Add(std::move(joined));
}

// The same with reductions: with s = x - max, e^s / sum(e^s), or s - log(sum(e^s)).
absl::StatusOr<RowNodeId> AddByReductions(const Operands& operands, Signal x, const RowAxes& axes,
                                          ActivationKind kind) {
  const std::int64_t width = WidthOf(x.row_shape);
  const auto minus = [&](RowNodeId value, RowNodeId taken) {
    const RowNodeId negative = AddElementwise(operands, "Neg", {taken}, {}, width);
    return AddElementwise(operands, "Add", {value, negative}, {}, width);
  };
  const absl::StatusOr<RowNodeId> greatest =
      AddReductionForEach(operands, x, axes, ReductionKind::kMaximum);
  if (!greatest.ok()) return greatest.status();
  x.node = minus(x.node, *greatest);
  if (kind == ActivationKind::kLogSoftmax) {
    const absl::StatusOr<RowNodeId> log =
        AddReductionForEach(operands, x, axes, ReductionKind::kLogSumExp);
    if (!log.ok()) return log.status();
    return minus(x.node, *log);
  }
  x.node = AddElementwise(operands, "Exp", {x.node}, {}, width);
  const absl::StatusOr<RowNodeId> sum = AddReductionForEach(operands, x, axes, ReductionKind::kSum);
  if (!sum.ok()) return sum.status();
  return AddElementwise(operands, "Div", {x.node, *sum}, {}, width);
}

std::vector<std::int32_t> Inverse(const std::vector<std::int32_t>& order) {
  std::vector<std::int32_t> inverse(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    inverse[static_cast<std::size_t>(order[i])] = static_cast<std::int32_t>(i);
  }
  return inverse;
}

absl::StatusOr<RowNodeId> AddAlongAxes(const Operands& operands, const Signal& x,
                                       const RowAxes& axes, ActivationKind kind) {
  const AlongAxes along = AlongAxesOf(x.row_shape, axes);
  const std::int64_t groups = along.outer * along.inner;
  if (groups > kMaxGroups) {
    if (kind != ActivationKind::kHardmax) return AddByReductions(operands, x, axes, kind);
    return absl::UnimplementedError(absl::StrCat(InputText(operands, 0), " has ", groups,
                                                 " groups of values in a row; supported are at ",
                                                 "most ", kMaxGroups));
  }
  if (along.inner == 1 && along.order.empty()) {
    return AddOfGroups(operands, x.node, kind, groups, along.count);
  }
  const std::vector<std::int32_t> order = AxesLast(x.row_shape, axes);
  const absl::StatusOr<RowNodeId> ordered = AddSelection(operands, x.node, order);
  if (!ordered.ok()) return ordered.status();
  const RowNodeId made = AddOfGroups(operands, *ordered, kind, groups, along.count);
  return AddSelection(operands, made, Inverse(order));
}

// From operator set 13 on, it applies along one axis, by default the last. Before, all values from
// the axis on, by default 1, are one group.
template <ActivationKind kind>
absl::StatusOr<OnnxValues> OfRows(const Operands& operands) {
  absl::StatusOr<Signal> x = FloatSignalAt(operands, 0);
  if (!x.ok()) return x.status();
  const bool one_axis = operands.conversion.opset >= 13;
  const std::int64_t axis = IntegerAttribute(operands.node, "axis", one_axis ? -1 : 1);
  // A single number per row has the shape [batch], so its only axis is the batch's.
  const absl::StatusOr<RowAxes> axes = one_axis ? RowAxesOf(operands, x->row_shape, {axis})
                                                : RowAxesFrom(operands, x->row_shape, axis);
  if (!axes.ok()) return axes.status();
  const absl::StatusOr<RowNodeId> node = AddAlongAxes(operands, *x, *axes, kind);
  if (!node.ok()) return node.status();
  return WithNode(*std::move(x), *node);
}

}  // namespace

const std::vector<OnnxOperator>& SoftmaxOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"Hardmax", "", 1, 1, {{"axis", AttributeProto::INT}}, OfRows<ActivationKind::kHardmax>},
      {"LogSoftmax",
       "",
       1,
       1,
       {{"axis", AttributeProto::INT}},
       OfRows<ActivationKind::kLogSoftmax>},
      {"Softmax", "", 1, 1, {{"axis", AttributeProto::INT}}, OfRows<ActivationKind::kSoftmax>},
  };
  return *operators;
}

}  // namespace mlp
