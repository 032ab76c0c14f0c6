#include "model/formats/onnx/values/stored_values.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"

namespace mlp::internal {
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

}  // namespace

template <typename Value>
absl::StatusOr<std::vector<Value>> StoredValues(const OnnxConstant& constant, Datatype datatype,
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

template absl::StatusOr<std::vector<float>> StoredValues(const OnnxConstant&, Datatype,
                                                         ConstantLimits&);
template absl::StatusOr<std::vector<double>> StoredValues(const OnnxConstant&, Datatype,
                                                          ConstantLimits&);
template absl::StatusOr<std::vector<std::int64_t>> StoredValues(const OnnxConstant&, Datatype,
                                                                ConstantLimits&);

}  // namespace mlp::internal
