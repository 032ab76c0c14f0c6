#include "model/formats/onnx/values/constant.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"

namespace mlp {
namespace {

using onnx::TensorProto;

// ---- Data in bytes ----

// Through double if that is exact, through float for shorter types.
void ConvertBytes(Datatype datatype, const std::string& bytes, std::vector<float>& values) {
  ConvertToFloats(datatype, bytes.data(), static_cast<std::int64_t>(values.size()), values.data());
}

template <typename Element>
void WidenBytes(const std::string& bytes, std::vector<double>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    Element element;
    std::memcpy(&element, bytes.data() + i * sizeof(Element), sizeof(Element));
    values[i] = static_cast<double>(element);
  }
}

void ConvertBytes(Datatype datatype, const std::string& bytes, std::vector<double>& values) {
  switch (datatype) {
    case Datatype::kFp64:
      return WidenBytes<double>(bytes, values);
    case Datatype::kInt32:
      return WidenBytes<std::int32_t>(bytes, values);
    case Datatype::kUint32:
      return WidenBytes<std::uint32_t>(bytes, values);
    case Datatype::kInt64:
      return WidenBytes<std::int64_t>(bytes, values);
    case Datatype::kUint64:
      return WidenBytes<std::uint64_t>(bytes, values);
    default: {
      std::vector<float> floats(values.size());
      ConvertBytes(datatype, bytes, floats);
      std::copy(floats.begin(), floats.end(), values.begin());
    }
  }
}

void ConvertBytes(Datatype datatype, const std::string& bytes, std::vector<std::int64_t>& values) {
  if (datatype == Datatype::kInt64) {
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return;
  }
  std::vector<double> numbers(values.size());  // exact for types shorter than 64 bits
  ConvertBytes(datatype, bytes, numbers);
  std::transform(numbers.begin(), numbers.end(), values.begin(),
                 [](double number) { return static_cast<std::int64_t>(number); });
}

struct ExternalPlace {
  std::string location;
  std::int64_t offset = 0;
  std::optional<std::int64_t> length;
};

absl::StatusOr<ExternalPlace> PlaceOf(const OnnxConstant& constant) {
  ExternalPlace place;
  for (const onnx::StringStringEntryProto& entry : constant.tensor->external_data()) {
    std::int64_t number = 0;
    const bool numeric = entry.key() == "offset" || entry.key() == "length";
    if (numeric && !(absl::SimpleAtoi(entry.value(), &number) && number >= 0)) {
      return absl::InvalidArgumentError(absl::StrCat(constant.Text(), " has external data of ",
                                                     entry.key(), " ", Quote(entry.value()),
                                                     "; expected a number"));
    }
    if (entry.key() == "location") place.location = entry.value();
    if (entry.key() == "offset") place.offset = number;
    if (entry.key() == "length") place.length = number;
  }
  return place;
}

absl::StatusOr<std::string> ReadExternal(const OnnxConstant& constant, std::int64_t length,
                                         ConstantLimits& limits) {
  if (limits.folder == nullptr) {
    return absl::UnimplementedError(absl::StrCat(
        constant.Text(), " keeps its data in another file, which is supported only for a model ",
        "that is read from its folder; save the model with its data inside"));
  }
  const absl::StatusOr<ExternalPlace> place = PlaceOf(constant);
  if (!place.ok()) return place.status();
  if (place->length.has_value() && *place->length != length) {
    return absl::InvalidArgumentError(
        absl::StrCat(constant.Text(), " has ", *place->length, " bytes of data; its dimensions ",
                     ShapeText(constant.Dimensions()), " expect ", length));
  }
  if (auto room = CheckMemory(limits.memory_used + length, limits.most_memory); !room.ok()) {
    return room;
  }
  const std::int64_t seen = limits.folder->bytes_seen();
  absl::StatusOr<std::string> bytes = limits.folder->Read(place->location, place->offset, length);
  if (!bytes.ok()) {
    return absl::Status(bytes.status().code(),
                        absl::StrCat(constant.Text(), ": ", bytes.status().message()));
  }
  limits.bytes_left += 4 * (limits.folder->bytes_seen() - seen);
  return bytes;
}

// ---- Typed data ----

template <typename Value, typename Typed>
void CopyTyped(const Typed& typed, std::vector<Value>& values) {
  std::transform(typed.begin(), typed.end(), values.begin(),
                 [](auto value) { return static_cast<Value>(value); });
}

// int32_data holds FP16 and BF16 as bits.
template <typename Value>
void CopyHalves(Datatype datatype, const TensorProto& tensor, std::vector<Value>& values) {
  std::vector<std::uint16_t> bits(tensor.int32_data().begin(), tensor.int32_data().end());
  std::vector<float> floats(bits.size());
  ConvertToFloats(datatype, bits.data(), static_cast<std::int64_t>(bits.size()), floats.data());
  CopyTyped(floats, values);
}

int TypedSize(Datatype datatype, const TensorProto& tensor) {
  switch (datatype) {
    case Datatype::kFp32:
      return tensor.float_data_size();
    case Datatype::kFp64:
      return tensor.double_data_size();
    case Datatype::kInt64:
      return tensor.int64_data_size();
    case Datatype::kUint32:
    case Datatype::kUint64:
      return tensor.uint64_data_size();
    default:
      return tensor.int32_data_size();
  }
}

template <typename Value>
void CopyData(Datatype datatype, const TensorProto& tensor, std::vector<Value>& values) {
  switch (datatype) {
    case Datatype::kFp32:
      return CopyTyped(tensor.float_data(), values);
    case Datatype::kFp64:
      return CopyTyped(tensor.double_data(), values);
    case Datatype::kInt64:
      return CopyTyped(tensor.int64_data(), values);
    case Datatype::kUint32:
    case Datatype::kUint64:
      return CopyTyped(tensor.uint64_data(), values);
    case Datatype::kFp16:
    case Datatype::kBf16:
      return CopyHalves(datatype, tensor, values);
    default:
      return CopyTyped(tensor.int32_data(), values);
  }
}

// ---- All forms ----

template <typename Value>
absl::StatusOr<std::vector<Value>> ReadValues(const OnnxConstant& constant, Datatype datatype,
                                              ConstantLimits& limits) {
  const TensorProto& tensor = *constant.tensor;
  const absl::StatusOr<std::int64_t> count = CountOf(constant);
  if (!count.ok()) return count.status();
  const std::int64_t bytes = *count * static_cast<std::int64_t>(SizeOf(datatype));
  const bool external =
      tensor.data_location() == TensorProto::EXTERNAL || tensor.external_data_size() > 0;
  const int typed = TypedSize(datatype, tensor);
  const std::string* raw = &tensor.raw_data();
  absl::StatusOr<std::string> outside;
  if (external) {
    outside = ReadExternal(constant, bytes, limits);
    if (!outside.ok()) return outside.status();
    raw = &*outside;
  } else if (!raw->empty() && typed > 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(constant.Text(), " has both raw and typed data; expected one of the two"));
  } else if (const std::int64_t expected = raw->empty() ? *count : bytes,
             present = raw->empty() ? typed : static_cast<std::int64_t>(raw->size());
             present != expected) {
    return absl::InvalidArgumentError(absl::StrCat(
        constant.Text(), " has ", present, raw->empty() ? " values" : " bytes",
        " of data; its dimensions ", ShapeText(constant.Dimensions()), " expect ", expected));
  }
  limits.bytes_left -= *count * static_cast<std::int64_t>(sizeof(Value));
  if (limits.bytes_left < 0) {
    return absl::UnimplementedError(absl::StrCat(
        constant.Text(), " is used so often that the model takes many times the file's size; ",
        "supported are 8 times that plus 16 MiB"));
  }
  limits.memory_used += *count * static_cast<std::int64_t>(sizeof(Value));
  if (auto room = CheckMemory(limits.memory_used + (external ? bytes : 0), limits.most_memory);
      !room.ok()) {
    return room;
  }
  std::vector<Value> values(static_cast<std::size_t>(*count));
  if (raw->empty()) {
    CopyData(datatype, tensor, values);
  } else {
    ConvertBytes(datatype, *raw, values);
  }
  return values;
}

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
  absl::StatusOr<std::vector<Value>> values = ReadValues<Value>(constant, datatype, limits);
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
  constexpr double kMostExact = 9'007'199'254'740'992.0;
  if (SizeOf(datatype) < sizeof(double) ||
      std::none_of(values.begin(), values.end(),
                   [](double value) { return std::fabs(value) >= kMostExact; })) {
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
    if (std::fabs(values[i]) < kMostExact || is_end) continue;
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

absl::Status TakeBytes(absl::string_view what, std::int64_t bytes, ConstantLimits& limits) {
  limits.bytes_left -= bytes;
  if (limits.bytes_left < 0) {
    return absl::UnimplementedError(absl::StrCat(
        what, " take many times the file's size; supported are 8 times that plus 16 MiB"));
  }
  limits.memory_used += bytes;
  return CheckMemory(limits.memory_used, limits.most_memory);
}

absl::Status CheckConstant(const OnnxConstant& constant) {
  constexpr int kMost = 64;
  const int dimensions = constant.tensor->dims_size();
  const int entries = constant.tensor->external_data_size();
  if (dimensions <= kMost && entries <= kMost) return absl::OkStatus();
  return absl::UnimplementedError(
      absl::StrCat(constant.Text(), " has ", dimensions > kMost ? dimensions : entries,
                   dimensions > kMost ? " dimensions" : " entries about its external data",
                   "; supported are at most ", kMost));
}

std::vector<std::int64_t> OnnxConstant::Dimensions() const {
  std::vector<std::int64_t> dimensions(tensor->dims().begin(), tensor->dims().end());
  if (transposed) std::swap(dimensions[0], dimensions[1]);
  return dimensions;
}

std::string OnnxConstant::Text() const {
  return tensor->name().empty() ? "a constant"
                                : absl::StrCat("initializer ", Quote(tensor->name()));
}

std::optional<Datatype> DatatypeOf(int onnx_type) {
  switch (onnx_type) {
    case TensorProto::BOOL:
      return Datatype::kBool;
    case TensorProto::UINT8:
      return Datatype::kUint8;
    case TensorProto::UINT16:
      return Datatype::kUint16;
    case TensorProto::UINT32:
      return Datatype::kUint32;
    case TensorProto::UINT64:
      return Datatype::kUint64;
    case TensorProto::INT8:
      return Datatype::kInt8;
    case TensorProto::INT16:
      return Datatype::kInt16;
    case TensorProto::INT32:
      return Datatype::kInt32;
    case TensorProto::INT64:
      return Datatype::kInt64;
    case TensorProto::FLOAT16:
      return Datatype::kFp16;
    case TensorProto::BFLOAT16:
      return Datatype::kBf16;
    case TensorProto::FLOAT:
      return Datatype::kFp32;
    case TensorProto::DOUBLE:
      return Datatype::kFp64;
    default:
      return std::nullopt;
  }
}

std::string ElementTypeName(int onnx_type) {
  return onnx::TensorProto_DataType_IsValid(onnx_type)
             ? onnx::TensorProto_DataType_Name(static_cast<onnx::TensorProto_DataType>(onnx_type))
             : absl::StrCat(onnx_type, ", which this server does not know");
}

std::string ElementTypeName(Datatype datatype) {
  switch (datatype) {
    case Datatype::kFp16:
      return "FLOAT16";
    case Datatype::kBf16:
      return "BFLOAT16";
    case Datatype::kFp32:
      return "FLOAT";
    case Datatype::kFp64:
      return "DOUBLE";
    case Datatype::kBytes:
      return "STRING";
    default:
      return std::string(NameOf(datatype));  // the protocol's name
  }
}

absl::StatusOr<std::int64_t> CountOf(const OnnxConstant& constant) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  std::int64_t count = 1;
  for (const std::int64_t dimension : constant.tensor->dims()) {
    if (dimension < 0) {
      return absl::InvalidArgumentError(absl::StrCat(constant.Text(), " has dimensions ",
                                                     ShapeText(constant.Dimensions()),
                                                     "; expected none below 0"));
    }
    if (dimension > kMost || (count *= dimension) > kMost) {
      return absl::UnimplementedError(absl::StrCat(constant.Text(), " has dimensions ",
                                                   ShapeText(constant.Dimensions()),
                                                   "; supported is a product below 2^31"));
    }
  }
  return count;
}

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
  return ReadValues<std::int64_t>(constant, *datatype, limits);
}

}  // namespace mlp
