#include "model/formats/onnx/operators/computed_constants.h"

#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/formats/graph/row_shape.h"
#include "model/formats/onnx/operators/refusals.h"
#include "model/formats/onnx/operators/whole_shape.h"
#include "model/formats/onnx/values/element_type.h"
#include "model/quote.h"

namespace mlp {
namespace {

using onnx::TensorProto;

template <typename Integer>
Integer Saturated(double value) {
  constexpr auto kSmallest = std::numeric_limits<Integer>::min();
  constexpr auto kGreatest = std::numeric_limits<Integer>::max();
  if (std::isnan(value)) return 0;
  if (value <= static_cast<double>(kSmallest)) return kSmallest;
  return value >= static_cast<double>(kGreatest) ? kGreatest : static_cast<Integer>(value);
}

}  // namespace

absl::StatusOr<ConstantTensor<double>> NumbersOfConstantAt(const Operands& operands,
                                                           std::size_t index) {
  const OnnxValue* value = operands.At(index);
  if (value == nullptr || !std::holds_alternative<ShapeList>(*value)) {
    const absl::StatusOr<OnnxConstant> constant = AnyConstantAt(operands, index);
    if (!constant.ok()) return constant.status();
    return ReadNumbers(*constant, operands.conversion.limits);
  }
  const auto& list = std::get<ShapeList>(*value);
  ConstantTensor<double> numbers;
  if (!list.scalar) numbers.dimensions = {static_cast<std::int64_t>(list.entries.size())};
  for (const std::int64_t entry : list.entries) {
    if (TimesOfBatch(entry) != 0) {
      return NeedsNumberOfRows();
    }
    numbers.values.push_back(static_cast<double>(entry));
  }
  return numbers;
}

bool IsIntegerAt(const Operands& operands, std::size_t index) {
  const OnnxValue* value = operands.At(index);
  if (std::holds_alternative<ShapeList>(*value)) return true;
  const std::optional<Datatype> datatype =
      DatatypeOf(std::get<OnnxConstant>(*value).tensor->data_type());
  return datatype.has_value() && !IsFloatingPoint(*datatype);
}

int TypeOfConstantAt(const Operands& operands, std::size_t index) {
  const OnnxValue* value = operands.At(index);
  if (value == nullptr || !std::holds_alternative<OnnxConstant>(*value)) return TensorProto::INT64;
  return std::get<OnnxConstant>(*value).tensor->data_type();
}

absl::Status TakeConstantBytes(const Operands& operands, std::int64_t bytes) {
  return TakeBytes("its computed constants", bytes, operands.conversion.limits);
}

void FillTensor(const std::vector<double>& values, int type, TensorProto& made) {
  made.set_data_type(type);
  switch (type) {
    case TensorProto::FLOAT16:
    case TensorProto::BFLOAT16:
      made.set_data_type(TensorProto::FLOAT);  // the type in which they are computed
      [[fallthrough]];
    case TensorProto::FLOAT:
      for (const double value : values) made.add_float_data(static_cast<float>(value));
      break;
    case TensorProto::DOUBLE:
      for (const double value : values) made.add_double_data(value);
      break;
    case TensorProto::INT64:
      for (const double value : values) made.add_int64_data(Saturated<std::int64_t>(value));
      break;
    case TensorProto::UINT32:
    case TensorProto::UINT64:
      for (const double value : values) made.add_uint64_data(Saturated<std::uint64_t>(value));
      break;
    default:
      for (const double value : values) made.add_int32_data(Saturated<std::int32_t>(value));
  }
}

absl::StatusOr<OnnxConstant> NewConstant(const Operands& operands,
                                         const std::vector<std::int64_t>& dimensions,
                                         const std::vector<double>& values, int type) {
  const std::optional<Datatype> datatype = DatatypeOf(type);
  if (!datatype.has_value()) {
    return absl::UnimplementedError(absl::StrCat("it makes constants of type ",
                                                 ElementTypeName(type), "; supported are numbers"));
  }
  const auto bytes = static_cast<std::int64_t>(values.size() * sizeof(double));
  if (auto status = TakeConstantBytes(operands, bytes); !status.ok()) {
    return status;
  }
  TensorProto& made = operands.conversion.made_tensors.emplace_back();
  for (const std::int64_t dimension : dimensions) made.add_dims(dimension);
  FillTensor(values, type, made);
  return OnnxConstant{&made};
}

absl::StatusOr<OnnxValue> IntegersOf(const Operands& operands,
                                     const std::vector<std::int64_t>& dimensions,
                                     std::vector<std::int64_t> entries) {
  if (dimensions.size() <= 1 && entries.size() <= WholeShape::kMaxDimensions) {
    return ShapeList{std::move(entries), dimensions.empty()};
  }
  std::vector<double> numbers;
  for (const std::int64_t entry : entries) {
    if (TimesOfBatch(entry) != 0) {
      return absl::UnimplementedError(
          absl::StrCat("a list of dimensions ", ShapeText(dimensions),
                       " contains the number of rows; supported are shapes of at most ",
                       WholeShape::kMaxDimensions, " entries"));
    }
    numbers.push_back(static_cast<double>(entry));
  }
  absl::StatusOr<OnnxConstant> made =
      NewConstant(operands, dimensions, numbers, TensorProto::INT64);
  if (!made.ok()) return made.status();
  return *made;
}

}  // namespace mlp
