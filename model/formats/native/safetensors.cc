#include "model/formats/native/safetensors.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/datatype.h"
#include "model/formats/io/json_document.h"
#include "model/formats/io/json_object.h"
#include "model/quote.h"

namespace mlp {
namespace {

using nlohmann::json;

constexpr char kMetadata[] = "__metadata__";
constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kLongestSafetensorsName = 1024;
constexpr std::size_t kMaxTensorDimensions = 8;
constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

// A tensor takes some eight values, so this allows some thirty thousand tensors.
constexpr JsonLimits kHeaderLimits = {kLongestSafetensorsHeader, 3, std::size_t{1} << 18};

struct TypeEntry {
  SafetensorsType type;
  absl::string_view name;
  std::int64_t bytes;
  Datatype datatype;
};

// In the order of SafetensorsType.
constexpr std::array<TypeEntry, 13> kTypes = {{{SafetensorsType::kBool, "BOOL", 1, Datatype::kBool},
                                               {SafetensorsType::kU8, "U8", 1, Datatype::kUint8},
                                               {SafetensorsType::kI8, "I8", 1, Datatype::kInt8},
                                               {SafetensorsType::kU16, "U16", 2, Datatype::kUint16},
                                               {SafetensorsType::kI16, "I16", 2, Datatype::kInt16},
                                               {SafetensorsType::kU32, "U32", 4, Datatype::kUint32},
                                               {SafetensorsType::kI32, "I32", 4, Datatype::kInt32},
                                               {SafetensorsType::kU64, "U64", 8, Datatype::kUint64},
                                               {SafetensorsType::kI64, "I64", 8, Datatype::kInt64},
                                               {SafetensorsType::kF16, "F16", 2, Datatype::kFp16},
                                               {SafetensorsType::kBf16, "BF16", 2, Datatype::kBf16},
                                               {SafetensorsType::kF32, "F32", 4, Datatype::kFp32},
                                               {SafetensorsType::kF64, "F64", 8, Datatype::kFp64}}};

const std::vector<absl::string_view>& TypeNames() {
  static const auto& names = *new std::vector<absl::string_view>([] {
    std::vector<absl::string_view> all;
    all.reserve(kTypes.size());
    for (const TypeEntry& entry : kTypes) all.push_back(entry.name);
    return all;
  }());
  return names;
}

// A tensor in the header, with the position of its data.
struct PlacedTensor {
  SafetensorsTensor tensor;
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

std::uint64_t LoadLength(absl::string_view bytes) {
  std::uint64_t length = 0;
  for (std::size_t i = kLengthBytes; i-- > 0;) {
    length = length << 8U | static_cast<unsigned char>(bytes[i]);
  }
  return length;
}

std::string TensorText(absl::string_view name) { return absl::StrCat("tensor ", Quote(name)); }

// The numbers in the array `key`, each in [0, kLargest].
absl::StatusOr<std::vector<std::int64_t>> ReadSizes(JsonObject& object, absl::string_view key,
                                                    std::size_t fewest, std::size_t most) {
  const absl::StatusOr<const json*> array = object.Array(key, fewest, most);
  if (!array.ok()) return array.status();
  std::vector<std::int64_t> sizes;
  for (const json& size : **array) {
    if (!size.is_number_unsigned() ||
        size.get<std::uint64_t>() > static_cast<std::uint64_t>(kLargest)) {
      return absl::InvalidArgumentError(absl::StrCat(PlaceText(object.PointerOf(key)), " holds ",
                                                     JsonText(size),
                                                     "; expected integers from 0 to ", kLargest));
    }
    sizes.push_back(size.get<std::int64_t>());
  }
  return sizes;
}

// The bytes of a tensor; nullopt on overflow, even if a later dimension is 0.
std::optional<std::int64_t> BytesOf(const std::vector<std::int64_t>& shape, std::int64_t element) {
  std::int64_t bytes = element;
  for (const std::int64_t dimension : shape) {
    if (__builtin_mul_overflow(bytes, dimension, &bytes)) return std::nullopt;
  }
  return bytes;
}

absl::StatusOr<PlacedTensor> ReadEntry(const std::string& name, const json& value) {
  if (name.empty() || name.size() > kLongestSafetensorsName) {
    return absl::InvalidArgumentError(absl::StrCat(TensorText(name), " has a name of ", name.size(),
                                                   " bytes; expected 1 to ",
                                                   kLongestSafetensorsName));
  }
  absl::StatusOr<JsonObject> object = JsonObject::Open(value, JsonPointer("", name));
  if (!object.ok()) return object.status();
  const absl::StatusOr<std::string> type = object->Choice("dtype", TypeNames());
  if (!type.ok()) return type.status();
  absl::StatusOr<std::vector<std::int64_t>> shape =
      ReadSizes(*object, "shape", 0, kMaxTensorDimensions);
  if (!shape.ok()) return shape.status();
  const absl::StatusOr<std::vector<std::int64_t>> offsets =
      ReadSizes(*object, "data_offsets", 2, 2);
  if (!offsets.ok()) return offsets.status();
  if (auto status = object->CheckAllKnown(); !status.ok()) return status;

  PlacedTensor placed;
  placed.tensor.name = name;
  placed.tensor.type = std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeEntry& entry) {
                         return entry.name == *type;
                       })->type;
  placed.tensor.shape = *std::move(shape);
  placed.begin = (*offsets)[0];
  placed.end = (*offsets)[1];
  if (placed.begin > placed.end) {
    return absl::InvalidArgumentError(absl::StrCat(TensorText(name), " has the data_offsets [",
                                                   placed.begin, ",", placed.end,
                                                   "]; expected the end not before the begin"));
  }
  const std::optional<std::int64_t> bytes =
      BytesOf(placed.tensor.shape, SizeOf(placed.tensor.type));
  if (bytes != placed.end - placed.begin) {
    return absl::InvalidArgumentError(absl::StrCat(
        TensorText(name), " has ", placed.end - placed.begin, " bytes of data; its shape ",
        ShapeText(placed.tensor.shape), " of ", *type, " expects ",
        bytes.has_value() ? absl::StrCat(*bytes) : "more than any file has"));
  }
  return placed;
}

absl::Status ReadMetadata(const json& value, std::map<std::string, std::string>& metadata) {
  absl::StatusOr<JsonObject> object = JsonObject::Open(value, JsonPointer("", kMetadata));
  if (!object.ok()) return object.status();
  for (const auto& member : value.items()) {
    if (!member.value().is_string()) {
      return absl::InvalidArgumentError(absl::StrCat(PlaceText(object->PointerOf(member.key())),
                                                     " is ", JsonText(member.value()),
                                                     "; expected a string"));
    }
    metadata.emplace(member.key(), member.value().get<std::string>());
  }
  return absl::OkStatus();
}

// Sorts the tensors by their data, which must be contiguous and fill `data`.
absl::Status PlaceTensors(std::vector<PlacedTensor>& tensors, absl::string_view data) {
  std::sort(tensors.begin(), tensors.end(), [](const PlacedTensor& a, const PlacedTensor& b) {
    return std::tie(a.begin, a.end, a.tensor.name) < std::tie(b.begin, b.end, b.tensor.name);
  });
  std::int64_t expected = 0;
  for (PlacedTensor& placed : tensors) {
    if (placed.begin != expected) {
      return absl::InvalidArgumentError(
          absl::StrCat(TensorText(placed.tensor.name), " begins at byte ", placed.begin,
                       " of the data; expected ", expected, ", where the tensor before it ends"));
    }
    if (placed.end > static_cast<std::int64_t>(data.size())) {
      return absl::InvalidArgumentError(
          absl::StrCat(TensorText(placed.tensor.name), " ends at byte ", placed.end,
                       " of the data, which has ", data.size(), " bytes"));
    }
    placed.tensor.data = data.substr(static_cast<std::size_t>(placed.begin),
                                     static_cast<std::size_t>(placed.end - placed.begin));
    expected = placed.end;
  }
  if (expected == static_cast<std::int64_t>(data.size())) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("the data have ", data.size(),
                                                 " bytes, of which the tensors take ", expected,
                                                 "; expected all"));
}

}  // namespace

absl::string_view NameOf(SafetensorsType type) {
  return kTypes[static_cast<std::size_t>(type)].name;
}

std::int64_t SizeOf(SafetensorsType type) { return kTypes[static_cast<std::size_t>(type)].bytes; }

absl::StatusOr<SafetensorsFile> ParseSafetensors(absl::string_view file) {
  if (file.size() < kLengthBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the file has ", file.size(), " bytes; expected the length of a header in 8"));
  }
  const std::uint64_t length = LoadLength(file);
  const std::size_t longest =
      std::min<std::size_t>(file.size() - kLengthBytes, kLongestSafetensorsHeader);
  if (length > longest) {
    return absl::InvalidArgumentError(
        absl::StrCat("the header has ", length, " bytes; expected at most ", longest));
  }
  const absl::string_view text = file.substr(kLengthBytes, static_cast<std::size_t>(length));
  if (text.empty() || text[0] != '{') {
    return absl::InvalidArgumentError("the header does not begin with '{'; expected an object");
  }
  const absl::StatusOr<json> header = ParseJson("the header", text, kHeaderLimits);
  if (!header.ok()) return header.status();

  SafetensorsFile result;
  std::vector<PlacedTensor> placed;
  for (const auto& member : header->items()) {
    if (member.key() == kMetadata) {
      if (auto status = ReadMetadata(member.value(), result.metadata); !status.ok()) return status;
      continue;
    }
    absl::StatusOr<PlacedTensor> entry = ReadEntry(member.key(), member.value());
    if (!entry.ok()) return entry.status();
    placed.push_back(*std::move(entry));
  }
  const absl::string_view data = file.substr(kLengthBytes + static_cast<std::size_t>(length));
  if (auto status = PlaceTensors(placed, data); !status.ok()) return status;
  result.tensors.reserve(placed.size());
  for (PlacedTensor& entry : placed) result.tensors.push_back(std::move(entry.tensor));
  return result;
}

std::vector<float> ReadFloats(const SafetensorsTensor& tensor) {
  std::vector<float> floats(static_cast<std::size_t>(tensor.count()));
  ConvertToFloats(kTypes[static_cast<std::size_t>(tensor.type)].datatype, tensor.data.data(),
                  tensor.count(), floats.data());
  return floats;
}

std::string SerializeSafetensors(absl::Span<const SafetensorsTensor> tensors,
                                 const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header[kMetadata] = metadata;
  std::size_t end = 0;
  for (const SafetensorsTensor& tensor : tensors) {
    header[tensor.name] = {{"dtype", std::string(NameOf(tensor.type))},
                           {"shape", tensor.shape},
                           {"data_offsets", {end, end + tensor.data.size()}}};
    end += tensor.data.size();
  }
  std::string text = header.dump();
  // Trailing spaces in the header keep the data aligned. The format allows them, and other writers
  // add them too.
  text.resize((text.size() + kLengthBytes - 1) / kLengthBytes * kLengthBytes, ' ');
  std::string file;
  file.reserve(kLengthBytes + text.size() + end);
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    file.push_back(static_cast<char>(text.size() >> (8 * i) & 0xFFU));
  }
  file += text;
  for (const SafetensorsTensor& tensor : tensors)
    file.append(tensor.data.data(), tensor.data.size());
  return file;
}

}  // namespace mlp
