// The operators that change shapes, and Shape and Size, which give them.

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/graph/row_shape.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/convert_node.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/operators/reshape.h"
#include "model/formats/onnx/operators/whole_shape.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

bool IsDecision(const Operands& operands) {
  return operands.At(0) != nullptr && std::holds_alternative<Decision>(*operands.At(0));
}

// Labels with another shape.
absl::StatusOr<OnnxValues> WithShape(Decision decision, absl::StatusOr<RowShape> shape) {
  if (!shape.ok()) return std::move(shape).status();
  decision.row_shape = *std::move(shape);
  return SingleValue(std::move(decision));
}

absl::StatusOr<OnnxValues> Flatten(const Operands& operands) {
  const absl::StatusOr<WholeShape> shape = WholeShapeAt(operands, 0);
  if (!shape.ok()) return shape.status();
  const std::int64_t given = IntegerAttribute(operands.node, "axis", 1);
  // The end is a valid axis too.
  const std::int64_t axis = given < 0 ? given + shape->rank() : given;
  if (axis < 0 || axis > shape->rank()) {
    return AxisOutOfRange(given, shape->rank());
  }
  const std::int64_t before = shape->CountBefore(axis);
  WholeShape flattened{{before, before == 0 ? 0 : shape->count() / before}};
  if (shape->has_batch()) flattened.batch = shape->batch < axis ? 0 : 1;
  // The values before the batch must stay before it.
  if (shape->has_batch() &&
      flattened.CountBefore(flattened.batch) != shape->CountBefore(shape->batch)) {
    return absl::UnimplementedError(
        absl::StrCat("axis ", given, " of ", TextOf(*shape), " puts values of several rows into ",
                     "one; supported are axes with which each row stays one row, as with 1"));
  }
  return WithShapeOf(operands, flattened);
}

// There is one label for each row, whatever the shape.
absl::StatusOr<OnnxValues> ReshapeDecision(const Operands& operands, const ShapeList& target) {
  auto decision = std::get<Decision>(*operands.At(0));
  const RowShape now = decision.row_shape;
  if (decision.kind == OutputKind::kLabel) {
    if (target.entries == std::vector<std::int64_t>{-1}) {
      decision.row_shape.clear();
      return SingleValue(std::move(decision));
    }
    if (target.entries == std::vector<std::int64_t>{-1, 1}) {
      decision.row_shape = {1};
      return SingleValue(std::move(decision));
    }
  }
  return WithShape(std::move(decision), Reshaped(now, target.entries, false));
}

absl::StatusOr<OnnxValues> Reshape(const Operands& operands) {
  absl::StatusOr<ShapeList> target = ShapeListAt(operands, 1);
  if (!target.ok()) return target.status();
  if (target->entries.size() > WholeShape::kMaxDimensions) {
    return absl::UnimplementedError(absl::StrCat(
        InputText(operands, 1), " has ", CountText(target->entries.size(), "dimension"),
        "; supported are at most ", WholeShape::kMaxDimensions));
  }
  if (IsDecision(operands)) return ReshapeDecision(operands, *target);
  const absl::StatusOr<WholeShape> shape = WholeShapeAt(operands, 0);
  if (!shape.ok()) return shape.status();
  if (IsSignal(operands, 0) && operands.conversion.from_skl2onnx) {
    auto x = std::get<Signal>(*operands.At(0));
    if (x.row_shape.size() == 1 && x.row_shape[0] > 1 &&
        target->entries == std::vector<std::int64_t>{-1, 1}) {
      x.one_value_a_row = true;
      operands.conversion.Warn(
          absl::StrCat(NodeText(operands.node), " writes the ", x.row_shape[0],
                       " values of a row one below the other; they are kept as a row"));
      return SingleValue(std::move(x));
    }
  }
  return WithShapeOf(
      operands,
      ReshapedWhole(*shape, target->entries, IntegerAttribute(operands.node, "allowzero", 0) != 0,
                    operands.conversion.batch_is_one ? 1 : operands.conversion.static_batch));
}

absl::StatusOr<OnnxValues> Squeeze(const Operands& operands) {
  const absl::StatusOr<std::optional<std::vector<std::int64_t>>> axes =
      IntegersAt(operands, 1, "axes");
  if (!axes.ok()) return axes.status();
  if (IsDecision(operands)) {
    auto decision = std::get<Decision>(*operands.At(0));
    if (!axes->has_value()) {
      return absl::UnimplementedError("it squeezes labels without axes; supported are given axes");
    }
    absl::StatusOr<RowShape> shape = Squeezed(decision.row_shape, **axes);
    return WithShape(std::move(decision), std::move(shape));
  }
  const absl::StatusOr<WholeShape> shape = WholeShapeAt(operands, 0);
  if (!shape.ok()) return shape.status();
  return WithShapeOf(operands, SqueezedWhole(*shape, *axes));
}

absl::StatusOr<OnnxValues> Unsqueeze(const Operands& operands) {
  const absl::StatusOr<std::optional<std::vector<std::int64_t>>> axes =
      IntegersAt(operands, 1, "axes");
  if (!axes.ok()) return axes.status();
  if (!axes->has_value()) return absl::InvalidArgumentError("it has no axes; expected some");
  if (IsDecision(operands)) {
    auto decision = std::get<Decision>(*operands.At(0));
    absl::StatusOr<RowShape> shape = Unsqueezed(decision.row_shape, **axes);
    return WithShape(std::move(decision), std::move(shape));
  }
  const absl::StatusOr<WholeShape> shape = WholeShapeAt(operands, 0);
  if (!shape.ok()) return shape.status();
  return WithShapeOf(operands, UnsqueezedWhole(*shape, **axes));
}

absl::StatusOr<OnnxValues> Identity(const Operands& operands) {
  if (operands.At(0) == nullptr) return InputLeftOut(0);
  return SingleValue(*operands.At(0));
}

absl::StatusOr<OnnxValues> Shape(const Operands& operands) {
  const absl::StatusOr<WholeShape> whole = WholeShapeAt(operands, 0);
  if (!whole.ok()) return whole.status();
  ShapeList shape{FullDimensionsOf(*whole), false};
  if (shape.entries.size() > WholeShape::kMaxDimensions) {
    return absl::UnimplementedError(
        absl::StrCat(InputText(operands, 0), " has ", CountText(shape.entries.size(), "dimension"),
                     "; supported are at most ", WholeShape::kMaxDimensions));
  }
  const auto rank = static_cast<std::int64_t>(shape.entries.size());
  const auto position = [rank](std::int64_t index) {
    return std::clamp(index < 0 ? index + rank : index, std::int64_t{0}, rank);
  };
  const std::int64_t start = position(IntegerAttribute(operands.node, "start", 0));
  const std::int64_t end = position(IntegerAttribute(operands.node, "end", rank));
  shape.entries.erase(shape.entries.begin() + std::max(start, end), shape.entries.end());
  shape.entries.erase(shape.entries.begin(), shape.entries.begin() + start);
  return SingleValue(std::move(shape));
}

absl::StatusOr<OnnxValues> Size(const Operands& operands) {
  const absl::StatusOr<WholeShape> shape = WholeShapeAt(operands, 0);
  if (!shape.ok()) return shape.status();
  const std::int64_t count = shape->count();
  return SingleValue(ShapeList{{shape->has_batch() ? BatchTimes(count) : count}, true});
}

}  // namespace

const std::vector<OnnxOperator>& ShapeOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"Flatten", "", 1, 1, {{"axis", AttributeProto::INT}}, Flatten},
      {"Identity", "", 1, 1, {}, Identity, true},
      {"Reshape", "", 2, 2, {{"allowzero", AttributeProto::INT}}, Reshape, true},
      {"Shape", "", 1, 1, {{"end", AttributeProto::INT}, {"start", AttributeProto::INT}}, Shape},
      {"Size", "", 1, 1, {}, Size},
      {"Squeeze", "", 1, 2, {{"axes", AttributeProto::INTS}}, Squeeze, true},
      {"Unsqueeze", "", 1, 2, {{"axes", AttributeProto::INTS}}, Unsqueeze},
  };
  return *operators;
}

}  // namespace mlp
