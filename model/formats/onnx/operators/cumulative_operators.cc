// CumSum: sums each value and those before it along one axis of a row.

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/axes.h"
#include "model/formats/onnx/operators/integers.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/refusals.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

// x with each value replaced by the one `distance` before it along the axis (after it if
// `reverse`), or by 0 if there is none.
absl::StatusOr<RowNodeId> AddShifted(const Operands& operands, RowNodeId x, const AlongAxes& along,
                                     std::int64_t distance, bool reverse) {
  const std::int64_t width = along.outer * along.count * along.inner;
  std::vector<std::int32_t> units;
  units.reserve(static_cast<std::size_t>(width));
  for (std::int64_t unit = 0; unit < width; ++unit) {
    const std::int64_t place = unit / along.inner % along.count;
    const std::int64_t from = reverse ? place + distance : place - distance;
    const bool is_inside = from >= 0 && from < along.count;
    units.push_back(
        static_cast<std::int32_t>(is_inside ? unit + (from - place) * along.inner : width));
  }
  RowNode joined = NewRowNode(operands, RowOperation::kConcat, width + 1);
  joined.operands = {x, AddConstant(operands, {0.0})};
  const RowNodeId with_zero = operands.conversion.graph.Add(std::move(joined));
  return AddSelection(operands, with_zero, std::move(units));
}

// In steps of 1, 2, 4, ... values; each step doubles the number of values summed.
absl::StatusOr<OnnxValues> CumSum(const Operands& operands) {
  absl::StatusOr<Signal> x = SignalAt(operands, 0);
  if (!x.ok()) return x.status();
  const absl::StatusOr<ShapeList> axis = ShapeListAt(operands, 1);
  if (!axis.ok()) return axis.status();
  if (axis->entries.size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(InputText(operands, 1), " has ",
                                                   CountText(axis->entries.size(), "value"),
                                                   "; expected one axis"));
  }
  const absl::StatusOr<RowAxes> axes = RowAxesOf(operands, x->row_shape, axis->entries);
  if (!axes.ok()) return axes.status();
  const AlongAxes along = AlongAxesOf(x->row_shape, *axes);
  const bool reverse = IntegerAttribute(operands.node, "reverse", 0) != 0;
  const std::int64_t width = WidthOf(x->row_shape);
  if (IsLongInteger(x->datatype)) WarnOfLongIntegers(operands, x->datatype);
  RowNodeId node = x->node;
  if (IntegerAttribute(operands.node, "exclusive", 0) != 0) {
    const absl::StatusOr<RowNodeId> shifted = AddShifted(operands, node, along, 1, reverse);
    if (!shifted.ok()) return shifted.status();
    node = *shifted;
  }
  for (std::int64_t distance = 1; distance < along.count; distance *= 2) {
    const absl::StatusOr<RowNodeId> shifted = AddShifted(operands, node, along, distance, reverse);
    if (!shifted.ok()) return shifted.status();
    node = AddElementwise(operands, "Add", {node, *shifted}, {}, width);
  }
  return WithNode(*std::move(x), node);
}

}  // namespace

const std::vector<OnnxOperator>& CumulativeOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"CumSum",
       "",
       2,
       2,
       {{"exclusive", AttributeProto::INT}, {"reverse", AttributeProto::INT}},
       CumSum},
  };
  return *operators;
}

}  // namespace mlp
