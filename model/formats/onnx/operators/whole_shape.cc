#include "model/formats/onnx/operators/whole_shape.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

#include "absl/status/status.h"
#include "model/formats/graph/row_shape.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/quote.h"

namespace mlp {

std::int64_t WholeShape::count() const { return CountBefore(rank()); }

std::int64_t WholeShape::CountBefore(std::int64_t end) const {
  return std::accumulate(dimensions.begin(), dimensions.begin() + end, std::int64_t{1},
                         std::multiplies<>());
}

std::vector<std::int64_t> FullDimensionsOf(const WholeShape& shape) {
  std::vector<std::int64_t> dimensions = shape.dimensions;
  if (shape.has_batch()) {
    std::int64_t& batch = dimensions[static_cast<std::size_t>(shape.batch)];
    batch = BatchTimes(batch);
  }
  return dimensions;
}

std::string TextOf(const WholeShape& shape) { return TextOfDimensions(FullDimensionsOf(shape)); }

std::string TextOfDimensions(std::vector<std::int64_t> dimensions) {
  std::replace_if(
      dimensions.begin(), dimensions.end(),
      [](std::int64_t dimension) { return TimesOfBatch(dimension) != 0; }, std::int64_t{-1});
  return ShapeText(dimensions);
}

absl::StatusOr<std::int64_t> PlaceOfAxis(std::int64_t axis, std::int64_t rank) {
  if (axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
  return AxisOutOfRange(axis, rank);
}

WholeShape WholeShapeOf(const Signal& signal) {
  WholeShape shape{signal.row_shape, signal.batch_axis};
  if (!signal.folded) shape.dimensions.insert(shape.dimensions.begin() + shape.batch, 1);
  return shape;
}

Signal WithWholeShape(Signal signal, RowNodeId node, const WholeShape& shape) {
  signal.node = node;
  signal.row_shape = shape.dimensions;
  signal.batch_axis = shape.batch;
  signal.folded = signal.row_shape[static_cast<std::size_t>(shape.batch)] != 1;
  if (!signal.folded) signal.row_shape.erase(signal.row_shape.begin() + shape.batch);
  return signal;
}

absl::StatusOr<WholeShape> WholeShapeAt(const Operands& operands, std::size_t index) {
  const OnnxValue* value = operands.At(index);
  if (IsSignal(operands, index)) {
    const absl::StatusOr<Signal> signal = WholeSignalAt(operands, index);
    if (!signal.ok()) return signal.status();
    return WholeShapeOf(*signal);
  }
  if (value != nullptr && std::holds_alternative<ShapeList>(*value)) {
    const auto& list = std::get<ShapeList>(*value);
    if (list.scalar) return WholeShape{};
    return WholeShape{{static_cast<std::int64_t>(list.entries.size())}};
  }
  const absl::StatusOr<OnnxConstant> constant = AnyConstantAt(operands, index);
  if (!constant.ok()) return constant.status();
  if (const auto count = CountOf(*constant); !count.ok()) return count.status();
  return WholeShape{constant->Dimensions(), constant->for_each_row ? 0 : WholeShape::kNoBatch};
}

}  // namespace mlp
