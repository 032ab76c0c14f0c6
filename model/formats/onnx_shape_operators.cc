// The operators that change shapes and types, and those that compute the shapes.

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx_operands.h"
#include "model/formats/row_shape.h"
#include "model/quote.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

// The longest list of integers that a file may compute: no shape needs as many, and lists that are
// joined with themselves over and over would fill the memory.
constexpr std::size_t kMostEntries = 16;

constexpr char kMadeConstants[] = "the constants that it makes";

bool IsDecision(const Operands& operands) {
  return operands.At(0) != nullptr && std::holds_alternative<Decision>(*operands.At(0));
}

bool IsConstant(const Operands& operands) {
  return operands.At(0) != nullptr && std::holds_alternative<OnnxConstant>(*operands.At(0));
}

// A signal whose rows have another shape.
absl::StatusOr<OnnxValues> WithShape(Signal signal, absl::StatusOr<RowShape> shape) {
  if (!shape.ok()) return std::move(shape).status();
  signal.row_shape = *std::move(shape);
  return One(std::move(signal));
}

absl::StatusOr<OnnxValues> WithShape(Decision decision, absl::StatusOr<RowShape> shape) {
  if (!shape.ok()) return std::move(shape).status();
  decision.row_shape = *std::move(shape);
  return One(std::move(decision));
}

// A constant with other dimensions. Its values are shared with the tensor, not copied, where that
// is possible; a copy is small, since only what shapes and biases need comes here.
absl::StatusOr<OnnxValues> ReshapedConstant(const Operands& operands,
                                            const std::vector<std::int64_t>& dimensions) {
  const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, 0);
  if (!constant.ok()) return constant.status();
  if (constant->transposed) {
    return absl::UnimplementedError(
        absl::StrCat(constant->Text(), " cannot be given other dimensions"));
  }
  const auto bytes = static_cast<std::int64_t>(constant->tensor->SpaceUsedLong());
  if (auto status = TakeBytes(kMadeConstants, bytes, operands.conversion.limits); !status.ok()) {
    return status;
  }
  onnx::TensorProto& made = operands.conversion.made_tensors.emplace_back(*constant->tensor);
  made.clear_dims();
  for (const std::int64_t dimension : dimensions) made.add_dims(dimension);
  return One(OnnxConstant{&made});
}

absl::StatusOr<OnnxValues> Flatten(const Operands& operands) {
  absl::StatusOr<Signal> x = SignalAt(operands, 0);
  if (!x.ok()) return x.status();
  absl::StatusOr<RowShape> shape =
      Flattened(x->row_shape, IntegerAttribute(operands.node, "axis", 1));
  return WithShape(*std::move(x), std::move(shape));
}

absl::StatusOr<OnnxValues> ReshapeConstant(const Operands& operands, ShapeList target) {
  const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, 0);
  if (!constant.ok()) return constant.status();
  const absl::StatusOr<std::int64_t> count = CountOf(*constant);
  if (!count.ok()) return count.status();
  std::int64_t known = 1;
  for (const std::int64_t entry : target.entries) {
    // The size of a batch is below -1 too.
    if (entry < -1 || entry > *count) {
      return absl::UnimplementedError("a constant cannot be given these dimensions");
    }
    if (entry > 0) known *= entry;
    if (known > *count) break;
  }
  for (std::int64_t& entry : target.entries) {
    if (entry == -1) entry = *count / std::max<std::int64_t>(1, known);
  }
  return ReshapedConstant(operands, target.entries);  // reading it checks the product
}

// Labels are one a row, in whatever shape.
absl::StatusOr<OnnxValues> ReshapeDecision(const Operands& operands, const ShapeList& target) {
  auto decision = std::get<Decision>(*operands.At(0));
  const RowShape now = decision.row_shape;
  if (decision.kind == OutputKind::kLabel) {
    if (target.entries == std::vector<std::int64_t>{-1}) {
      decision.row_shape.clear();
      return One(std::move(decision));
    }
    if (target.entries == std::vector<std::int64_t>{-1, 1}) {
      decision.row_shape = {1};
      return One(std::move(decision));
    }
  }
  return WithShape(std::move(decision), Reshaped(now, target.entries, false));
}

absl::StatusOr<OnnxValues> Reshape(const Operands& operands) {
  absl::StatusOr<ShapeList> target = ShapeListAt(operands, 1);
  if (!target.ok()) return target.status();
  if (target->entries.size() > kMostEntries) {
    return absl::UnimplementedError(
        absl::StrCat("supported are shapes of at most ", kMostEntries, " dimensions"));
  }
  if (IsDecision(operands)) return ReshapeDecision(operands, *target);
  if (IsConstant(operands)) return ReshapeConstant(operands, *std::move(target));
  absl::StatusOr<Signal> x = SignalAt(operands, 0);
  if (!x.ok()) return x.status();
  if (operands.conversion.batch_is_one && !target->entries.empty() && target->entries[0] == 1) {
    target->entries[0] = kBatchSize;
  }
  if (operands.conversion.from_skl2onnx && x->row_shape.size() == 1 && x->row_shape[0] > 1 &&
      target->entries == std::vector<std::int64_t>{-1, 1}) {
    x->one_value_a_row = true;
    operands.conversion.Warn(
        absl::StrCat(NodeText(operands.node), " writes the ", x->row_shape[0],
                     " values of a row one below the other; they are kept as a row"));
    return One(*std::move(x));
  }
  absl::StatusOr<RowShape> shape =
      Reshaped(x->row_shape, target->entries, IntegerAttribute(operands.node, "allowzero", 0) != 0);
  return WithShape(*std::move(x), std::move(shape));
}

// Axes are an attribute up to operator set 12 and an input from 13 on.
absl::StatusOr<std::vector<std::int64_t>> AxesOf(const Operands& operands) {
  if (auto axes = IntegersAttribute(operands.node, "axes")) return *std::move(axes);
  if (operands.At(1) == nullptr) {
    return absl::UnimplementedError("it has no axes; expected those to change");
  }
  absl::StatusOr<ShapeList> axes = ShapeListAt(operands, 1);
  if (!axes.ok()) return axes.status();
  return std::move(axes->entries);
}

absl::StatusOr<OnnxValues> Squeeze(const Operands& operands) {
  const absl::StatusOr<std::vector<std::int64_t>> axes = AxesOf(operands);
  if (!axes.ok()) return axes.status();
  if (operands.At(0) != nullptr && std::holds_alternative<ShapeList>(*operands.At(0))) {
    auto list = std::get<ShapeList>(*operands.At(0));
    if (list.scalar || list.entries.size() != 1 || *axes != std::vector<std::int64_t>{0}) {
      return absl::UnimplementedError("supported is making a number of a list of one");
    }
    list.scalar = true;
    return One(std::move(list));
  }
  if (IsDecision(operands)) {
    auto decision = std::get<Decision>(*operands.At(0));
    absl::StatusOr<RowShape> shape = Squeezed(decision.row_shape, *axes);
    return WithShape(std::move(decision), std::move(shape));
  }
  absl::StatusOr<Signal> x = SignalAt(operands, 0);
  if (!x.ok()) return x.status();
  absl::StatusOr<RowShape> shape = Squeezed(x->row_shape, *axes);
  return WithShape(*std::move(x), std::move(shape));
}

absl::StatusOr<OnnxValues> Unsqueeze(const Operands& operands) {
  const absl::StatusOr<std::vector<std::int64_t>> axes = AxesOf(operands);
  if (!axes.ok()) return axes.status();
  if (IsSignal(operands, 0)) {
    absl::StatusOr<Signal> x = SignalAt(operands, 0);
    if (!x.ok()) return x.status();
    absl::StatusOr<RowShape> shape = Unsqueezed(x->row_shape, *axes);
    return WithShape(*std::move(x), std::move(shape));
  }
  if (IsConstant(operands)) {
    const absl::StatusOr<OnnxConstant> constant = ConstantAt(operands, 0);
    if (!constant.ok()) return constant.status();
    std::vector<std::int64_t> dimensions = constant->Dimensions();
    if (axes->size() == 1 && (*axes)[0] >= 0 &&
        (*axes)[0] <= static_cast<std::int64_t>(dimensions.size())) {
      dimensions.insert(dimensions.begin() + (*axes)[0], 1);
      return ReshapedConstant(operands, dimensions);
    }
  }
  absl::StatusOr<ShapeList> list = ShapeListAt(operands, 0);
  if (!list.ok()) return list.status();
  if (!list->scalar || *axes != std::vector<std::int64_t>{0}) {
    return absl::UnimplementedError("supported is making a list of one number, by axis 0");
  }
  list->scalar = false;
  return One(*std::move(list));
}

absl::StatusOr<OnnxValues> Identity(const Operands& operands) {
  if (operands.At(0) == nullptr) return absl::InvalidArgumentError("it has no input");
  return One(*operands.At(0));
}

absl::StatusOr<OnnxValues> Constant(const Operands& operands) {
  if (operands.node.attribute_size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat("it has ", operands.node.attribute_size(),
                                                   " attributes; expected one, its value"));
  }
  const AttributeProto& value = operands.node.attribute(0);
  if (value.type() == AttributeProto::TENSOR) return One(OnnxConstant{&value.t()});
  const auto bytes = static_cast<std::int64_t>(value.SpaceUsedLong());
  if (auto status = TakeBytes(kMadeConstants, bytes, operands.conversion.limits); !status.ok()) {
    return status;
  }
  onnx::TensorProto& made = operands.conversion.made_tensors.emplace_back();
  if (value.type() == AttributeProto::FLOAT || value.type() == AttributeProto::FLOATS) {
    made.set_data_type(onnx::TensorProto::FLOAT);
    *made.mutable_float_data() = value.floats();
    if (value.type() == AttributeProto::FLOAT) made.add_float_data(value.f());
  } else {
    made.set_data_type(onnx::TensorProto::INT64);
    *made.mutable_int64_data() = value.ints();
    if (value.type() == AttributeProto::INT) made.add_int64_data(value.i());
  }
  if (value.type() == AttributeProto::FLOATS) made.add_dims(value.floats_size());
  if (value.type() == AttributeProto::INTS) made.add_dims(value.ints_size());
  return One(OnnxConstant{&made});
}

absl::StatusOr<OnnxValues> Shape(const Operands& operands) {
  ShapeList shape;
  if (IsConstant(operands)) {
    const absl::StatusOr<OnnxConstant> constant = AnyConstantAt(operands, 0);
    if (!constant.ok()) return constant.status();
    if (const auto count = CountOf(*constant); !count.ok()) return count.status();
    shape.entries = constant->Dimensions();
    if (constant->for_each_row) shape.entries[0] = kBatchSize;
    if (shape.entries.size() > kMostEntries) {
      return absl::UnimplementedError("the constant has too many dimensions");
    }
  } else {
    const absl::StatusOr<Signal> x = SignalAt(operands, 0);
    if (!x.ok()) return x.status();
    shape.entries.push_back(kBatchSize);
    shape.entries.insert(shape.entries.end(), x->row_shape.begin(), x->row_shape.end());
  }
  const auto rank = static_cast<std::int64_t>(shape.entries.size());
  const auto position = [rank](std::int64_t index) {
    return std::clamp(index < 0 ? index + rank : index, std::int64_t{0}, rank);
  };
  const std::int64_t start = position(IntegerAttribute(operands.node, "start", 0));
  const std::int64_t end = position(IntegerAttribute(operands.node, "end", rank));
  shape.entries.erase(shape.entries.begin() + std::max(start, end), shape.entries.end());
  shape.entries.erase(shape.entries.begin(), shape.entries.begin() + start);
  return One(std::move(shape));
}

// A tensor of one value, in a shape that begins with the number of rows or is of ones.
absl::StatusOr<OnnxValues> ConstantOfShape(const Operands& operands) {
  absl::StatusOr<ShapeList> shape = ShapeListAt(operands, 0);
  if (!shape.ok()) return shape.status();
  std::vector<std::int64_t>& dimensions = shape->entries;
  const bool of_rows = !dimensions.empty() && dimensions[0] == kBatchSize;
  if (of_rows) dimensions[0] = 1;
  bool supported = dimensions.size() <= kMostEntries;
  std::int64_t count = 1;
  for (std::size_t i = 0; supported && i < dimensions.size(); ++i) {
    supported = dimensions[i] == 1 ||
                (of_rows && dimensions[i] >= 1 && dimensions[i] <= Network::kMaxWidth / count);
    if (supported) count *= dimensions[i];
  }
  if (!supported) {
    return absl::UnimplementedError("supported is a constant in the shape of the rows");
  }
  double number = 0.0;
  if (const AttributeProto* value = FindAttribute(operands.node, "value"); value != nullptr) {
    const absl::StatusOr<ConstantTensor<double>> numbers =
        ReadNumbers({&value->t()}, operands.conversion.limits);
    if (!numbers.ok()) return numbers.status();
    if (numbers->values.size() != 1) return absl::InvalidArgumentError("expected one value");
    number = numbers->values[0];
  }
  const auto bytes = count * static_cast<std::int64_t>(sizeof(float));
  if (auto status = TakeBytes(kMadeConstants, bytes, operands.conversion.limits); !status.ok()) {
    return status;
  }
  onnx::TensorProto& made = operands.conversion.made_tensors.emplace_back();
  made.set_data_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t dimension : dimensions) made.add_dims(dimension);
  made.mutable_float_data()->Resize(static_cast<int>(count), static_cast<float>(number));
  return One(OnnxConstant{&made, false, of_rows});
}

}  // namespace

const std::vector<OnnxOperator>& ShapeOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"Constant",
       "",
       0,
       0,
       {{"value", AttributeProto::TENSOR},
        {"value_float", AttributeProto::FLOAT},
        {"value_floats", AttributeProto::FLOATS},
        {"value_int", AttributeProto::INT},
        {"value_ints", AttributeProto::INTS}},
       Constant},
      {"ConstantOfShape", "", 1, 1, {{"value", AttributeProto::TENSOR}}, ConstantOfShape},
      {"Flatten", "", 1, 1, {{"axis", AttributeProto::INT}}, Flatten},
      {"Identity", "", 1, 1, {}, Identity, true},
      {"Reshape", "", 2, 2, {{"allowzero", AttributeProto::INT}}, Reshape, true},
      {"Shape", "", 1, 1, {{"end", AttributeProto::INT}, {"start", AttributeProto::INT}}, Shape},
      {"Squeeze", "", 1, 2, {{"axes", AttributeProto::INTS}}, Squeeze, true},
      {"Unsqueeze", "", 1, 2, {{"axes", AttributeProto::INTS}}, Unsqueeze},
  };
  return *operators;
}

}  // namespace mlp
