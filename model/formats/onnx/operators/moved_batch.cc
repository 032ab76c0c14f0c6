#include "model/formats/onnx/operators/moved_batch.h"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/reshape.h"
#include "model/formats/onnx/operators/whole_shape.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

// How the operator specifies its dimensions.
enum class AxesForm {
  kUnknown,
  kUnitByUnit,  // no dimensions
  kOne,         // attribute 'axis'
  kSeveral,     // attribute 'axes', or input 1
};

struct KnownOperator {
  AxesForm form = AxesForm::kUnknown;
  std::int64_t axis = -1;   // kOne: the default of the attribute
  bool drops_axis = false;  // kOne: if keepdims is 0
};

KnownOperator KnownOf(const OnnxOperator& entry, std::int64_t opset) {
  for (const char* name :
       {"Clip", "Gelu", "Cast", "Dropout", "QuantizeLinear", "DequantizeLinear"}) {
    if (entry.name == name) return {AxesForm::kUnitByUnit};
  }
  if (FindElementwiseFunction(entry.domain, entry.name) != nullptr) return {AxesForm::kUnitByUnit};
  if (!entry.domain.empty()) return {};
  if (absl::StartsWith(entry.name, "Reduce")) return {AxesForm::kSeveral};
  if (entry.name == "ArgMax" || entry.name == "ArgMin") return {AxesForm::kOne, 0, true};
  for (const char* name : {"Softmax", "LogSoftmax", "Hardmax"}) {
    // Up to operator set 12 these operate on all dimensions from the axis on.
    if (entry.name == name && opset >= 13) return {AxesForm::kOne};
  }
  for (const char* name : {"LpNormalization", "LayerNormalization", "RMSNormalization", "TopK"}) {
    if (entry.name == name) return {AxesForm::kOne};
  }
  return {};
}

bool IsMoved(const OnnxValue* value) {
  if (value == nullptr || !std::holds_alternative<Signal>(*value)) return false;
  const auto& signal = std::get<Signal>(*value);
  return signal.batch_axis != 0 || signal.folded;
}

// The dimensions of all operands, aligned at the last one.
struct Frame {
  std::int64_t rank = 0;
  std::int64_t batch = 0;
  std::int64_t positions = 1;  // number of positions that share the batch dimension in each row

  bool folded() const { return positions != 1; }

  // The new position of the dimension at `place` if the batch moves to the front.
  std::int64_t MovedPlace(std::int64_t place) const {
    return place + (folded() ? 1 : 0) + (place < batch ? 1 : 0);
  }
};

std::optional<Frame> FrameOf(const Operands& operands) {
  Frame frame;
  std::vector<WholeShape> shapes;
  for (std::size_t i = 0; i < operands.inputs.size(); ++i) {
    if (operands.At(i) == nullptr) continue;
    absl::StatusOr<WholeShape> shape = WholeShapeAt(operands, i);
    if (!shape.ok()) return std::nullopt;
    frame.rank = std::max(frame.rank, shape->rank());
    shapes.push_back(*std::move(shape));
  }
  bool any = false;
  for (const WholeShape& shape : shapes) {
    if (!shape.has_batch()) continue;
    const std::int64_t batch = shape.batch + frame.rank - shape.rank();
    const std::int64_t positions = shape.dimensions[static_cast<std::size_t>(shape.batch)];
    if (any && (batch != frame.batch || positions != frame.positions)) return std::nullopt;
    any = true;
    frame.batch = batch;
    frame.positions = positions;
    // Positions in the middle of a row would have to move before other values.
    if (frame.folded() && shape.CountBefore(shape.batch) != 1) return std::nullopt;
  }
  return frame;
}

// A shape padded with 1 to `rank` dimensions, with the batch and the positions moved to the front.
std::vector<std::int64_t> MovedDimensions(const Frame& frame,
                                          std::vector<std::int64_t> dimensions) {
  dimensions.insert(dimensions.begin(), static_cast<std::size_t>(frame.rank) - dimensions.size(),
                    1);
  const auto at_batch = dimensions.begin() + frame.batch;
  std::vector<std::int64_t> moved = {1};
  if (frame.folded()) moved.push_back(*at_batch);
  moved.insert(moved.end(), dimensions.begin(), at_batch);
  moved.insert(moved.end(), at_batch + 1, dimensions.end());
  return moved;
}

// The operand with the batch in front; nothing if it has different values for different rows.
std::optional<OnnxValue> MovedOperand(const Operands& operands, std::size_t index,
                                      const Frame& frame) {
  const absl::StatusOr<WholeShape> shape = WholeShapeAt(operands, index);
  if (!shape.ok()) return std::nullopt;
  WholeShape moved{MovedDimensions(frame, shape->dimensions), 0};
  if (IsSignal(operands, index)) {
    const auto& signal = std::get<Signal>(*operands.At(index));
    return WithWholeShape(signal, signal.node, moved);
  }
  // Dimensions after the batch stay in place.
  if (shape->rank() < frame.rank - frame.batch) return *operands.At(index);
  if (!std::holds_alternative<OnnxConstant>(*operands.At(index))) return std::nullopt;
  const std::int64_t at_batch = frame.batch - (frame.rank - shape->rank());
  if (shape->dimensions[static_cast<std::size_t>(at_batch)] != 1) return std::nullopt;
  WholeShape dimensions{moved.dimensions, shape->has_batch() ? 0 : WholeShape::kNoBatch};
  absl::StatusOr<OnnxValues> made =
      WithShapeOf(OnlyOperand(operands, *operands.At(index)).get(), std::move(dimensions));
  if (!made.ok()) return std::nullopt;
  return std::move(made->front());
}

// Moves the batch of a result from the front back to its place, which accounts for dropped
// dimensions.
absl::StatusOr<OnnxValue> BroughtBack(OnnxValue value, const Frame& frame) {
  if (!std::holds_alternative<Signal>(value)) {
    return absl::UnimplementedError(
        "it makes labels where the batch is not in dimension 0; supported is dimension 0, so "
        "transpose its input first");
  }
  auto signal = std::get<Signal>(std::move(value));
  std::vector<std::int64_t> dimensions = signal.row_shape;
  std::int64_t at_batch = 1;
  if (frame.folded()) {
    at_batch = dimensions.front();
    dimensions.erase(dimensions.begin());
  }
  dimensions.insert(dimensions.begin() + frame.batch, at_batch);
  const RowNodeId node = signal.node;
  return WithWholeShape(std::move(signal), node, {std::move(dimensions), frame.batch});
}

// The axes in the moved order; nothing if the batch is one of them.
std::optional<std::vector<std::int64_t>> MovedAxes(std::vector<std::int64_t> axes,
                                                   const Frame& frame) {
  for (std::int64_t& axis : axes) {
    const absl::StatusOr<std::int64_t> place = PlaceOfAxis(axis, frame.rank);
    if (!place.ok() || *place == frame.batch) return std::nullopt;
    axis = frame.MovedPlace(*place);
  }
  return axes;
}

// A node with moved axes, its inputs, and the place to which the batch returns.
struct MovedNode {
  onnx::NodeProto node;
  std::deque<OnnxValue> made;
  std::vector<const OnnxValue*> inputs;
  Frame back;
};

void SetAxes(onnx::NodeProto& node, const char* name, const std::vector<std::int64_t>& axes,
             AttributeProto::AttributeType type) {
  auto* attributes = node.mutable_attribute();
  for (int i = attributes->size(); i-- > 0;) {
    if ((*attributes)[i].name() == name) attributes->DeleteSubrange(i, 1);
  }
  AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  if (type == AttributeProto::INT) {
    attribute.set_i(axes[0]);
  } else {
    for (const std::int64_t axis : axes) attribute.add_ints(axis);
  }
}

// Adapts the batch's place in `back` if the dimensions at `axes`, places in the frame, are dropped.
void Drop(std::vector<std::int64_t> axes, const Frame& frame, Frame& back) {
  for (std::int64_t& axis : axes) axis = axis < 0 ? axis + frame.rank : axis;
  for (const std::int64_t axis : axes) {
    if (axis < frame.batch) --back.batch;
  }
}

bool MoveOneAxis(const Operands& operands, const KnownOperator& known, const Frame& frame,
                 MovedNode& moved) {
  const std::int64_t axis = IntegerAttribute(operands.node, "axis", known.axis);
  const auto axes = MovedAxes({axis}, frame);
  // Layer normalisation operates on all dimensions from its axis on.
  const std::int64_t place = axis < 0 ? axis + frame.rank : axis;
  const bool to_the_end = absl::EndsWith(operands.node.op_type(), "rNormalization") ||
                          absl::EndsWith(operands.node.op_type(), "SNormalization");
  if (!axes.has_value() || (to_the_end && place < frame.batch)) return false;
  SetAxes(moved.node, "axis", *axes, AttributeProto::INT);
  if (known.drops_axis && IntegerAttribute(operands.node, "keepdims", 1) == 0) {
    Drop({axis}, frame, moved.back);
  }
  return true;
}

bool MoveSeveralAxes(const Operands& operands, const Frame& frame, MovedNode& moved) {
  std::optional<std::vector<std::int64_t>> given = IntegersAttribute(operands.node, "axes");
  const bool in_attribute = given.has_value();
  if (!in_attribute && operands.At(1) != nullptr) {
    absl::StatusOr<ShapeList> list = ShapeListAt(operands, 1);
    if (!list.ok()) return false;
    given = std::move(list->entries);
  }
  // Without axes, it operates on all dimensions or, if the attribute says so, on none.
  if (!given.has_value() || given->empty()) {
    return IntegerAttribute(operands.node, "noop_with_empty_axes", 0) != 0;
  }
  const auto axes = MovedAxes(*given, frame);
  if (!axes.has_value()) return false;
  if (in_attribute) {
    SetAxes(moved.node, "axes", *axes, AttributeProto::INTS);
  } else {
    moved.inputs[1] = &moved.made.emplace_back(ShapeList{*axes, false});
  }
  if (IntegerAttribute(operands.node, "keepdims", 1) == 0) Drop(*given, frame, moved.back);
  return true;
}

std::optional<MovedNode> Moved(const KnownOperator& known, const Operands& operands) {
  const bool unit_by_unit = known.form == AxesForm::kUnitByUnit;
  // Only operands that broadcast determine the frame; axes and counts do not.
  const Operands values{operands.node, unit_by_unit ? operands.inputs : operands.inputs.first(1),
                        operands.conversion};
  const std::optional<Frame> frame = FrameOf(values);
  if (!frame.has_value()) return std::nullopt;
  MovedNode moved{operands.node, {}, {operands.inputs.begin(), operands.inputs.end()}, *frame};
  for (std::size_t i = 0; i < values.inputs.size(); ++i) {
    if (values.At(i) == nullptr) continue;
    std::optional<OnnxValue> operand = MovedOperand(values, i, *frame);
    if (!operand.has_value()) return std::nullopt;
    moved.inputs[i] = &moved.made.emplace_back(*std::move(operand));
  }
  const bool fits =
      unit_by_unit || (known.form == AxesForm::kOne ? MoveOneAxis(operands, known, *frame, moved)
                                                    : MoveSeveralAxes(operands, *frame, moved));
  if (!fits) return std::nullopt;
  return moved;
}

}  // namespace

absl::StatusOr<OnnxValues> ConvertWithBatchInFront(const OnnxOperator& entry,
                                                   const Operands& operands) {
  const bool any_moved = std::any_of(operands.inputs.begin(), operands.inputs.end(), IsMoved);
  if (!any_moved) return entry.convert(operands);
  const KnownOperator known = KnownOf(entry, operands.conversion.opset);
  if (known.form == AxesForm::kUnknown) return entry.convert(operands);
  const std::optional<MovedNode> moved = Moved(known, operands);
  if (!moved.has_value()) return entry.convert(operands);  // it reports what it does not support
  absl::StatusOr<OnnxValues> values =
      entry.convert({moved->node, moved->inputs, operands.conversion});
  if (!values.ok()) return values;
  for (OnnxValue& value : *values) {
    absl::StatusOr<OnnxValue> back = BroughtBack(std::move(value), moved->back);
    if (!back.ok()) return back.status();
    value = *std::move(back);
  }
  return values;
}

}  // namespace mlp
