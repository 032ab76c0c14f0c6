#include "model/formats/onnx/values/read_constant.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/datatype.h"
#include "model/formats/onnx/values/element_type.h"
#include "model/formats/onnx/values/stored_values.h"
#include "model/quote.h"

namespace mlp {
namespace {

absl::Status CheckStorage(const OnnxConstant& constant, bool fits, const char* supported) {
  if (!fits) {
    return absl::UnimplementedError(absl::StrCat(constant.Text(), " has elements of type ",
                                                 ElementTypeName(constant.tensor->data_type()),
                                                 "; supported are ", supported));
  }
  if (constant.tensor->has_segment()) {
    return absl::UnimplementedError(
        absl::StrCat(constant.Text(), " is stored in segments; supported is one piece"));
  }
  return absl::OkStatus();
}

// Exchanges rows and columns of a row-major matrix [rows, columns].
template <typename Value>
std::vector<Value> Transposed(const std::vector<Value>& values, std::int64_t rows,
                              std::int64_t columns) {
  std::vector<Value> result(values.size());
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t column = 0; column < columns; ++column) {
      result[static_cast<std::size_t>(column * rows + row)] =
          values[static_cast<std::size_t>(row * columns + column)];
    }
  }
  return result;
}

template <typename Value>
absl::StatusOr<ConstantTensor<Value>> ReadTensor(const OnnxConstant& constant, Datatype datatype,
                                                 ConstantLimits& limits) {
  absl::StatusOr<std::vector<Value>> values =
      internal::StoredValues<Value>(constant, datatype, limits);
  if (!values.ok()) return values.status();
  ConstantTensor<Value> result{constant.Dimensions(), *std::move(values)};
  if (constant.transposed) {
    result.values = Transposed(result.values, result.dimensions[1], result.dimensions[0]);
  }
  return result;
}

// Beyond 2^53 not every integer is a double. The type's greatest value, and for INT64 also its
// negative, usually means "no limit"; it is rounded to the nearest double.
absl::Status CheckExactInFp64(const OnnxConstant& constant, Datatype datatype,
                              const std::vector<double>& values, ConstantLimits& limits) {
  constexpr double kMaxExact = 9'007'199'254'740'992.0;
  if (SizeOf(datatype) < sizeof(double) ||
      std::none_of(values.begin(), values.end(),
                   [](double value) { return std::fabs(value) >= kMaxExact; })) {
    return absl::OkStatus();
  }
  // UINT64 is read as the same bits.
  const absl::StatusOr<ConstantTensor<std::int64_t>> integers =
      ReadTensor<std::int64_t>(constant, datatype, limits);
  if (!integers.ok()) return integers.status();
  const std::int64_t greatest =
      datatype == Datatype::kInt64 ? std::numeric_limits<std::int64_t>::max() : -1;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::int64_t integer = integers->values[i];
    const bool is_end =
        integer == greatest || (datatype == Datatype::kInt64 && integer == -greatest);
    if (std::fabs(values[i]) < kMaxExact || is_end) continue;
    // An integer is exact if it has at most 53 significant bits without its trailing zeros.
    const auto bits = static_cast<std::uint64_t>(
        datatype == Datatype::kInt64 && integer < 0 ? -(integer + 1) : integer);
    const std::uint64_t magnitude = bits + (datatype == Datatype::kInt64 && integer < 0 ? 1 : 0);
    if (std::bit_width(magnitude) - std::countr_zero(magnitude) <= 53) continue;
    return absl::UnimplementedError(absl::StrCat(
        constant.Text(), " holds ",
        datatype == Datatype::kInt64 ? absl::StrCat(integer)
                                     : absl::StrCat(static_cast<std::uint64_t>(integer)),
        "; supported are integers up to 2^53"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<FloatTensor> ReadFloats(const OnnxConstant& constant, ConstantLimits& limits) {
  const std::optional<Datatype> datatype = DatatypeOf(constant.tensor->data_type());
  const bool fits = datatype.has_value() && IsFloatingPoint(*datatype);
  if (auto status = CheckStorage(constant, fits, "FLOAT, DOUBLE, FLOAT16 and BFLOAT16");
      !status.ok()) {
    return status;
  }
  return ReadTensor<float>(constant, *datatype, limits);
}

absl::StatusOr<ConstantTensor<double>> ReadRoundedNumbers(const OnnxConstant& constant,
                                                          ConstantLimits& limits) {
  const std::optional<Datatype> datatype = DatatypeOf(constant.tensor->data_type());
  if (auto status = CheckStorage(constant, datatype.has_value(), "numbers"); !status.ok()) {
    return status;
  }
  return ReadTensor<double>(constant, *datatype, limits);
}

absl::StatusOr<ConstantTensor<double>> ReadNumbers(const OnnxConstant& constant,
                                                   ConstantLimits& limits) {
  absl::StatusOr<ConstantTensor<double>> numbers = ReadRoundedNumbers(constant, limits);
  if (!numbers.ok()) return numbers;
  const std::optional<Datatype> datatype = DatatypeOf(constant.tensor->data_type());
  if (IsFloatingPoint(*datatype)) return numbers;
  if (auto status = CheckExactInFp64(constant, *datatype, numbers->values, limits); !status.ok()) {
    return status;
  }
  return numbers;
}

absl::StatusOr<std::vector<std::int64_t>> ReadIntegers(const OnnxConstant& constant,
                                                       ConstantLimits& limits) {
  const std::optional<Datatype> datatype = DatatypeOf(constant.tensor->data_type());
  const bool fits = datatype == Datatype::kInt64 || datatype == Datatype::kInt32;
  if (!fits) {
    return absl::InvalidArgumentError(absl::StrCat(
        constant.Text(), " has elements of type ", ElementTypeName(constant.tensor->data_type()),
        "; expected INT64 or INT32, the types of shapes, axes and indices"));
  }
  if (auto status = CheckStorage(constant, fits, "INT64 and INT32"); !status.ok()) return status;
  if (constant.tensor->dims_size() > 1) {
    return absl::UnimplementedError(absl::StrCat(constant.Text(), " has dimensions ",
                                                 ShapeText(constant.Dimensions()),
                                                 "; supported is a list of integers, [count]"));
  }
  return internal::StoredValues<std::int64_t>(constant, *datatype, limits);
}

}  // namespace mlp
