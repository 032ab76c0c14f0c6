#include "model/formats/onnx_constant.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"

namespace mlp {
namespace {

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian");

constexpr std::size_t kMostIntegers = 16;

std::string ElementTypeName(int type) {
  return onnx::TensorProto_DataType_IsValid(type)
             ? onnx::TensorProto_DataType_Name(static_cast<onnx::TensorProto_DataType>(type))
             : absl::StrCat(type);
}

// The product of the dimensions; INVALID_ARGUMENT where one is negative or the product is not that
// of a tensor that fits a file.
absl::StatusOr<std::int64_t> CountOf(const OnnxConstant& constant) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  std::int64_t count = 1;
  for (const std::int64_t dimension : constant.tensor->dims()) {
    if (dimension < 0 || dimension > kMost || (count *= dimension) > kMost) {
      return absl::InvalidArgumentError(
          absl::StrCat(constant.Text(), " has dimensions ", ShapeText(constant.Dimensions()),
                       "; expected none below 0 and a product below 2^31"));
    }
  }
  return count;
}

// Reads `count` values from raw_data or from `typed`, whichever the tensor fills.
template <typename Value, typename Typed>
absl::StatusOr<std::vector<Value>> ReadValues(const OnnxConstant& constant, std::int64_t count,
                                              const Typed& typed) {
  const std::string& raw = constant.tensor->raw_data();
  if (!raw.empty() && !typed.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(constant.Text(), " has both raw and typed data; expected one of the two"));
  }
  const auto values = static_cast<std::size_t>(count);
  const std::size_t expected = raw.empty() ? values : values * sizeof(Value);
  const std::size_t present = raw.empty() ? static_cast<std::size_t>(typed.size()) : raw.size();
  if (present != expected) {
    return absl::InvalidArgumentError(absl::StrCat(
        constant.Text(), " has ", present, raw.empty() ? " values" : " bytes",
        " of data; its dimensions ", ShapeText(constant.Dimensions()), " expect ", expected));
  }
  std::vector<Value> result(values);
  if (raw.empty()) {
    std::copy(typed.begin(), typed.end(), result.begin());
  } else {
    std::memcpy(result.data(), raw.data(), raw.size());
  }
  return result;
}

absl::Status CheckStorage(const OnnxConstant& constant, onnx::TensorProto_DataType type) {
  const onnx::TensorProto& tensor = *constant.tensor;
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL || tensor.external_data_size() > 0) {
    return absl::UnimplementedError(
        absl::StrCat(constant.Text(), " keeps its data in another file, which is not supported; ",
                     "save the model with its data inside"));
  }
  if (tensor.data_type() != type) {
    return absl::UnimplementedError(absl::StrCat(constant.Text(), " has elements of type ",
                                                 ElementTypeName(tensor.data_type()), "; expected ",
                                                 ElementTypeName(type)));
  }
  if (tensor.has_segment()) {
    return absl::UnimplementedError(absl::StrCat(constant.Text(), " is stored in segments"));
  }
  return absl::OkStatus();
}

// Exchanges rows and columns of a row-major matrix [rows, columns].
std::vector<float> Transposed(const std::vector<float>& values, std::int64_t rows,
                              std::int64_t columns) {
  std::vector<float> result(values.size());
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t column = 0; column < columns; ++column) {
      result[static_cast<std::size_t>(column * rows + row)] =
          values[static_cast<std::size_t>(row * columns + column)];
    }
  }
  return result;
}

}  // namespace

std::vector<std::int64_t> OnnxConstant::Dimensions() const {
  std::vector<std::int64_t> dimensions(tensor->dims().begin(), tensor->dims().end());
  if (transposed) std::swap(dimensions[0], dimensions[1]);
  return dimensions;
}

std::string OnnxConstant::Text() const {
  return tensor->name().empty() ? "a constant"
                                : absl::StrCat("initializer ", Quote(tensor->name()));
}

absl::StatusOr<FloatTensor> ReadFloats(const OnnxConstant& constant) {
  if (auto status = CheckStorage(constant, onnx::TensorProto::FLOAT); !status.ok()) return status;
  const absl::StatusOr<std::int64_t> count = CountOf(constant);
  if (!count.ok()) return count.status();
  absl::StatusOr<std::vector<float>> values =
      ReadValues<float>(constant, *count, constant.tensor->float_data());
  if (!values.ok()) return values.status();
  FloatTensor result{constant.Dimensions(), *std::move(values)};
  if (constant.transposed) {
    result.values = Transposed(result.values, result.dimensions[1], result.dimensions[0]);
  }
  return result;
}

absl::StatusOr<std::vector<std::int64_t>> ReadIntegers(const OnnxConstant& constant) {
  if (auto status = CheckStorage(constant, onnx::TensorProto::INT64); !status.ok()) return status;
  const absl::StatusOr<std::int64_t> count = CountOf(constant);
  if (!count.ok()) return count.status();
  if (constant.tensor->dims_size() > 1 || static_cast<std::size_t>(*count) > kMostIntegers) {
    return absl::UnimplementedError(absl::StrCat(constant.Text(), " has dimensions ",
                                                 ShapeText(constant.Dimensions()),
                                                 "; expected a list of at most ", kMostIntegers));
  }
  return ReadValues<std::int64_t>(constant, *count, constant.tensor->int64_data());
}

}  // namespace mlp
