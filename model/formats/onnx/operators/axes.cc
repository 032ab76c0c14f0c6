#include "model/formats/onnx/operators/axes.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/broadcast.h"
#include "model/formats/onnx/operators/refusals.h"

namespace mlp {

absl::StatusOr<RowAxes> RowAxesOf(const Operands& operands, const RowShape& row_shape,
                                  const std::vector<std::int64_t>& axes) {
  const auto rank = static_cast<std::int64_t>(row_shape.size()) + 1;
  RowAxes row_axes(row_shape.size());
  bool of_batch = false;
  for (const std::int64_t axis : axes) {
    if (axis < -rank || axis >= rank) {
      return AxisOutOfRange(axis, rank);
    }
    const std::int64_t place = axis < 0 ? axis + rank : axis;
    if (place == 0 && !operands.conversion.batch_is_one) {
      return AxisOfBatch(axis);
    }
    const auto dimension = static_cast<std::size_t>(std::max<std::int64_t>(place - 1, 0));
    if (place == 0 ? of_batch : row_axes[dimension]) {
      return absl::InvalidArgumentError(
          absl::StrCat("axis ", axis, " is named twice; expected once"));
    }
    if (place == 0) {
      of_batch = true;
    } else {
      row_axes[dimension] = true;
    }
  }
  return row_axes;
}

absl::StatusOr<RowAxes> RowAxesFrom(const Operands& operands, const RowShape& row_shape,
                                    std::int64_t axis) {
  absl::StatusOr<RowAxes> axes = RowAxesOf(operands, row_shape, {axis});
  if (!axes.ok()) return axes;
  // If the axis is the batch of a single row, no dimension is set yet.
  const auto first = std::find(axes->begin(), axes->end(), true);
  std::fill(first == axes->end() ? axes->begin() : first, axes->end(), true);
  return axes;
}

RowShape KeptShape(const RowShape& row_shape, const RowAxes& axes) {
  RowShape kept = row_shape;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (axes[i]) kept[i] = 1;
  }
  return kept;
}

RowShape DroppedShape(const RowShape& row_shape, const RowAxes& axes) {
  RowShape dropped;
  for (std::size_t i = 0; i < row_shape.size(); ++i) {
    if (!axes[i]) dropped.push_back(row_shape[i]);
  }
  return dropped;
}

std::vector<std::int32_t> AxesLast(const RowShape& row_shape, const RowAxes& axes) {
  std::vector<std::size_t> dimensions;
  for (const bool last : {false, true}) {
    for (std::size_t i = 0; i < row_shape.size(); ++i) {
      if (axes[i] == last) dimensions.push_back(i);
    }
  }
  std::vector<std::int64_t> strides(row_shape.size(), 1);
  for (std::size_t i = row_shape.size(); i-- > 1;) strides[i - 1] = strides[i] * row_shape[i];
  const std::int64_t width = WidthOf(row_shape);
  std::vector<std::int32_t> order;
  order.reserve(static_cast<std::size_t>(width));
  for (std::int64_t unit = 0; unit < width; ++unit) {
    std::int64_t left = unit;
    std::int64_t from = 0;
    for (auto dimension = dimensions.rbegin(); dimension != dimensions.rend(); ++dimension) {
      from += left % row_shape[*dimension] * strides[*dimension];
      left /= row_shape[*dimension];
    }
    order.push_back(static_cast<std::int32_t>(from));
  }
  return order;
}

AlongAxes AlongAxesOf(const RowShape& row_shape, const RowAxes& axes) {
  AlongAxes along;
  bool neighbours = true;
  for (std::size_t i = 0; i < row_shape.size(); ++i) {
    if (row_shape[i] == 1) continue;
    if (!axes[i]) {
      (along.count == 1 ? along.outer : along.inner) *= row_shape[i];
    } else {
      neighbours = neighbours && along.inner == 1;
      along.count *= row_shape[i];
    }
  }
  if (neighbours) return along;
  along.outer *= along.inner;
  along.inner = 1;
  along.order = AxesLast(row_shape, axes);
  return along;
}

absl::StatusOr<RowNodeId> AddSelection(const Operands& operands, RowNodeId x,
                                       std::vector<std::int32_t> units) {
  const auto bytes = static_cast<std::int64_t>(units.size() * sizeof(std::int32_t));
  if (auto status = TakeBytes("its selected values", bytes, operands.conversion.limits);
      !status.ok()) {
    return status;
  }
  const auto width = static_cast<std::int64_t>(units.size());
  return AddRowOperation(operands, Selection{std::move(units)}, {x}, width);
}

absl::StatusOr<RowNodeId> AddReduction(const Operands& operands, const Signal& x,
                                       const RowAxes& axes, ReductionKind kind) {
  AlongAxes along = AlongAxesOf(x.row_shape, axes);
  RowNodeId values = x.node;
  if (!along.order.empty()) {
    const absl::StatusOr<RowNodeId> ordered =
        AddSelection(operands, values, std::move(along.order));
    if (!ordered.ok()) return ordered.status();
    values = *ordered;
  }
  return AddRowOperation(operands, Reduction{kind, along.outer, along.count, along.inner}, {values},
                         along.outer * along.inner);
}

absl::StatusOr<RowNodeId> AddReductionForEach(const Operands& operands, const Signal& x,
                                              const RowAxes& axes, ReductionKind kind) {
  const absl::StatusOr<RowNodeId> reduced = AddReduction(operands, x, axes, kind);
  if (!reduced.ok()) return reduced.status();
  Signal kept = x;
  kept.node = *reduced;
  kept.row_shape = KeptShape(x.row_shape, axes);
  return BroadcastSignal(operands, kept, x.row_shape);
}

}  // namespace mlp
