// The operators that make constants: Constant, ConstantOfShape, NonZero and Range.

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/graph/row_shape.h"
#include "model/formats/onnx/operators/attributes.h"
#include "model/formats/onnx/operators/computed_constants.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/operators/whole_shape.h"
#include "model/formats/onnx/operators/wiring.h"
#include "model/formats/onnx/values/element_type.h"
#include "model/formats/onnx/values/read_constant.h"
#include "model/formats/onnx/values/sparse_constant.h"

namespace mlp {
namespace {

using onnx::AttributeProto;

absl::StatusOr<OnnxValues> ConstantOperator(const Operands& operands) {
  if (operands.node.attribute_size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("it has ", CountText(operands.node.attribute_size(), "attribute"),
                     "; expected one, its value"));
  }
  const AttributeProto& value = operands.node.attribute(0);
  if (value.type() == AttributeProto::TENSOR) return SingleValue(OnnxConstant{&value.t()});
  if (value.type() == AttributeProto::SPARSE_TENSOR) {
    absl::StatusOr<OnnxConstant> dense = DenseConstant(value.sparse_tensor(), operands.conversion);
    if (!dense.ok()) return dense.status();
    return SingleValue(*dense);
  }
  const auto bytes = static_cast<std::int64_t>(value.SpaceUsedLong());
  if (auto status = TakeConstantBytes(operands, bytes); !status.ok()) {
    return status;
  }
  onnx::TensorProto& made = operands.conversion.made_tensors.emplace_back();
  switch (value.type()) {
    case AttributeProto::FLOAT:
      made.add_float_data(value.f());
      break;
    case AttributeProto::FLOATS:
      *made.mutable_float_data() = value.floats();
      made.add_dims(value.floats_size());
      break;
    case AttributeProto::STRING:
      made.add_string_data(value.s());
      break;
    case AttributeProto::STRINGS:
      *made.mutable_string_data() = value.strings();
      made.add_dims(value.strings_size());
      break;
    case AttributeProto::INT:
      made.add_int64_data(value.i());
      break;
    default:
      *made.mutable_int64_data() = value.ints();
      made.add_dims(value.ints_size());
  }
  made.set_data_type(made.float_data_size() > 0    ? onnx::TensorProto::FLOAT
                     : made.string_data_size() > 0 ? onnx::TensorProto::STRING
                                                   : onnx::TensorProto::INT64);
  if (value.type() == AttributeProto::FLOATS) made.set_data_type(onnx::TensorProto::FLOAT);
  return SingleValue(OnnxConstant{&made});
}

// A tensor of one repeated value. If its shape contains the number of rows, it is a constant for
// each row.
absl::StatusOr<OnnxValues> ConstantOfShape(const Operands& operands) {
  const absl::StatusOr<ShapeList> list = ShapeListAt(operands, 0);
  if (!list.ok()) return list.status();
  WholeShape shape{list->entries};
  std::int64_t count = 1;
  bool supported = shape.dimensions.size() <= WholeShape::kMaxDimensions;
  for (std::size_t i = 0; supported && i < shape.dimensions.size(); ++i) {
    std::int64_t& dimension = shape.dimensions[i];
    if (TimesOfBatch(dimension) != 0) {
      supported = TimesOfBatch(dimension) == 1 && !shape.has_batch();
      shape.batch = static_cast<std::int64_t>(i);
      dimension = 1;
    }
    supported = supported && dimension >= 0 && dimension <= Network::kMaxWidth;
    if (supported) count *= dimension;
    supported = supported && count <= Network::kMaxWidth;
  }
  if (!supported) {
    return absl::UnimplementedError(absl::StrCat(
        "it makes a constant of dimensions ", TextOfDimensions(list->entries),
        "; supported are up to ", Network::kMaxWidth, " values, with the number of rows once"));
  }
  double number = 0.0;
  int type = onnx::TensorProto::FLOAT;
  if (const AttributeProto* value = FindAttribute(operands.node, "value"); value != nullptr) {
    const absl::StatusOr<ConstantTensor<double>> numbers =
        ReadNumbers({&value->t()}, operands.conversion.limits);
    if (!numbers.ok()) return numbers.status();
    if (numbers->values.size() != 1) {
      return absl::InvalidArgumentError(absl::StrCat(
          "attribute 'value' has ", CountText(numbers->values.size(), "value"), "; expected one"));
    }
    number = numbers->values[0];
    type = value->t().data_type();
  }
  const auto bytes = count * static_cast<std::int64_t>(sizeof(double));
  if (auto status = TakeConstantBytes(operands, bytes); !status.ok()) return status;
  if (shape.batch > 0) {
    Signal rows;
    rows.datatype = DatatypeOf(type).value_or(Datatype::kFp32);
    const RowNodeId node =
        AddConstant(operands, std::vector<double>(static_cast<std::size_t>(count), number));
    return SingleValue(WithWholeShape(std::move(rows), node, shape));
  }
  absl::StatusOr<OnnxConstant> made =
      NewConstant(operands, shape.dimensions,
                  std::vector<double>(static_cast<std::size_t>(count), number), type);
  if (!made.ok()) return made.status();
  made->for_each_row = shape.has_batch();
  return SingleValue(*made);
}

// The positions of values that are not 0; one row for each dimension.
absl::StatusOr<OnnxValues> NonZero(const Operands& operands) {
  const absl::StatusOr<WholeShape> shape = WholeShapeAt(operands, 0);
  if (!shape.ok()) return shape.status();
  if (shape->has_batch()) {
    return absl::UnimplementedError(
        "how many values it gives depends on the values of its input, so rows would have different "
        "shapes; supported are constants, and Where and products with masks instead");
  }
  const absl::StatusOr<ConstantTensor<double>> numbers = NumbersOfConstantAt(operands, 0);
  if (!numbers.ok()) return numbers.status();
  std::vector<std::int64_t> found;
  for (std::size_t i = 0; i < numbers->values.size(); ++i) {
    if (numbers->values[i] != 0.0) found.push_back(static_cast<std::int64_t>(i));
  }
  const std::vector<std::int64_t> strides = StridesOf(shape->dimensions);
  const std::size_t made_numbers = strides.size() * found.size();
  if (auto status = TakeBytes("its computed positions",
                              static_cast<std::int64_t>(made_numbers * sizeof(double)),
                              operands.conversion.limits);
      !status.ok()) {
    return status;
  }
  std::vector<double> places;
  for (std::size_t k = 0; k < strides.size(); ++k) {
    for (const std::int64_t index : found) {
      places.push_back(static_cast<double>(index / strides[k] % shape->dimensions[k]));
    }
  }
  absl::StatusOr<OnnxConstant> made =
      NewConstant(operands, {shape->rank(), static_cast<std::int64_t>(found.size())}, places,
                  onnx::TensorProto::INT64);
  if (!made.ok()) return made.status();
  return SingleValue(*made);
}

absl::StatusOr<OnnxValues> Range(const Operands& operands) {
  double bounds[3] = {};
  for (std::size_t i = 0; i < 3; ++i) {
    const absl::StatusOr<ConstantTensor<double>> numbers = NumbersOfConstantAt(operands, i);
    if (!numbers.ok()) return numbers.status();
    if (numbers->values.size() != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat(InputText(operands, i), " has ", CountText(numbers->values.size(), "value"),
                       "; expected one, as start, limit and delta are"));
    }
    bounds[i] = numbers->values[0];
  }
  const double count = std::ceil((bounds[1] - bounds[0]) / bounds[2]);
  if (!(count <= static_cast<double>(Network::kMaxWidth))) {
    return absl::UnimplementedError(absl::StrCat("it makes more than ", Network::kMaxWidth,
                                                 " numbers; at most ", Network::kMaxWidth,
                                                 " are supported"));
  }
  std::vector<double> values;
  const auto numbers = static_cast<std::int64_t>(std::max(count, 0.0));
  for (std::int64_t i = 0; i < numbers; ++i) {
    values.push_back(bounds[0] + static_cast<double>(i) * bounds[2]);
  }
  absl::StatusOr<OnnxConstant> made = NewConstant(
      operands, {static_cast<std::int64_t>(values.size())}, values, TypeOfConstantAt(operands, 0));
  if (!made.ok()) return made.status();
  return SingleValue(*made);
}

}  // namespace

const std::vector<OnnxOperator>& ConstantOperators() {
  static const auto* const operators = new std::vector<OnnxOperator>{
      {"Constant",
       "",
       0,
       0,
       {{"sparse_value", AttributeProto::SPARSE_TENSOR},
        {"value", AttributeProto::TENSOR},
        {"value_float", AttributeProto::FLOAT},
        {"value_floats", AttributeProto::FLOATS},
        {"value_int", AttributeProto::INT},
        {"value_ints", AttributeProto::INTS},
        {"value_string", AttributeProto::STRING},
        {"value_strings", AttributeProto::STRINGS}},
       ConstantOperator},
      {"ConstantOfShape", "", 1, 1, {{"value", AttributeProto::TENSOR}}, ConstantOfShape},
      {"NonZero", "", 1, 1, {}, NonZero},
      {"Range", "", 3, 3, {}, Range},
  };
  return *operators;
}

}  // namespace mlp
