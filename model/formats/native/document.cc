#include "model/formats/native/document.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/io/json_document.h"
#include "model/formats/io/json_object.h"
#include "model/formats/native/layer_document.h"
#include "model/network.h"
#include "model/quote.h"

namespace mlp {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxInputsOrOutputs = 1024;
constexpr auto kMaxLayers = static_cast<std::size_t>(Network::kMaxLayers);
constexpr std::size_t kMaxLabels = std::size_t{1} << 20;
constexpr std::size_t kMaxDimensions = 8;
constexpr std::int64_t kMaxValues = std::int64_t{1} << 20;

constexpr JsonLimits kDocumentLimits = {kLongestNativeDocument, 8,
                                        kMaxLabels + Vocabulary::kMaxWords + 250'000};

const std::vector<absl::string_view>& ElementTypes() {
  static const auto& types = *new std::vector<absl::string_view>{
      "FP32",  "BOOL",  "UINT8", "UINT16", "UINT32", "UINT64", "INT8",
      "INT16", "INT32", "INT64", "FP16",   "BF16",   "FP64",   "BYTES"};
  return types;
}

// The elements of the array `key`, each read by `read(element, pointer)`.
template <typename Element, typename Read>
absl::StatusOr<std::vector<Element>> ReadElements(JsonObject& object, absl::string_view key,
                                                  std::size_t fewest, std::size_t most,
                                                  const Read& read) {
  const absl::StatusOr<const json*> array = object.Array(key, fewest, most);
  if (!array.ok()) return array.status();
  std::vector<Element> elements;
  for (std::size_t i = 0; i < (*array)->size(); ++i) {
    absl::StatusOr<Element> element =
        read((**array)[i], JsonPointer(object.PointerOf(key), absl::StrCat(i)));
    if (!element.ok()) return element.status();
    elements.push_back(*std::move(element));
  }
  return elements;
}

absl::StatusOr<std::int64_t> ReadDimension(const json& value, const std::string& pointer) {
  if (value.is_number_unsigned()) {
    const auto dimension = value.get<std::uint64_t>();
    if (dimension >= 1 && dimension <= static_cast<std::uint64_t>(kMaxValues)) {
      return static_cast<std::int64_t>(dimension);
    }
  }
  return absl::InvalidArgumentError(absl::StrCat(PlaceText(pointer), " is ", JsonText(value),
                                                 "; expected an integer from 1 to ", kMaxValues));
}

absl::StatusOr<std::optional<std::string>> ReadSha256(JsonObject& object) {
  constexpr std::size_t kDigits = 64;
  absl::StatusOr<std::optional<std::string>> digest = OptionalString(object, "sha256");
  if (!digest.ok() || !digest->has_value()) return digest;
  const std::string& text = **digest;
  if (text.size() == kDigits && text.find_first_not_of("0123456789abcdef") == std::string::npos) {
    return digest;
  }
  return absl::InvalidArgumentError(
      absl::StrCat(PlaceText(object.PointerOf("sha256")), " is ", Quote(text), "; expected ",
                   kDigits, " lower-case hexadecimal digits, as sha256sum prints them"));
}

absl::StatusOr<NativeInput> ReadInput(const json& value, const std::string& pointer) {
  absl::StatusOr<JsonObject> object = JsonObject::Open(value, pointer);
  if (!object.ok()) return object.status();
  NativeInput input;
  auto name = object->String("name", kLongestNativeName);
  if (!name.ok()) return name.status();
  input.name = *std::move(name);
  auto shape = ReadElements<std::int64_t>(*object, "shape", 0, kMaxDimensions, ReadDimension);
  if (!shape.ok()) return shape.status();
  input.shape = *std::move(shape);
  auto datatype = object->Choice("datatype", ElementTypes(), input.datatype);
  if (!datatype.ok()) return datatype.status();
  input.datatype = *std::move(datatype);
  if (auto status = object->CheckAllKnown(); !status.ok()) return status;
  return input;
}

// Labels are all strings or all integers; the first one decides.
absl::Status ReadLabels(JsonObject& object, NativeOutput& output) {
  const absl::StatusOr<const json*> array = object.Array("labels", 1, kMaxLabels);
  if (!array.ok()) return array.status();
  const bool strings = (**array)[0].is_string();
  for (const json& label : **array) {
    const bool beyond = label.is_number_unsigned() &&
                        label.get<std::uint64_t>() >
                            static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!(strings ? label.is_string() : label.is_number_integer() && !beyond)) {
      return absl::InvalidArgumentError(absl::StrCat(
          PlaceText(object.PointerOf("labels")), " holds ", JsonText(label), "; expected ",
          strings ? "only strings, as the first one is" : "strings or integers of 64 bits"));
    }
    if (strings) {
      output.string_labels.push_back(label.get<std::string>());
    } else {
      output.integer_labels.push_back(label.get<std::int64_t>());
    }
  }
  return absl::OkStatus();
}

// Reads the members that depend on the output's kind.
absl::Status ReadKind(JsonObject& object, NativeOutput& output) {
  std::vector<absl::string_view> datatypes = ElementTypes();
  if (output.kind == "label") {
    if (auto status = ReadLabels(object, output); !status.ok()) return status;
    if (output.string_labels.empty()) {
      datatypes = {"INT64", "INT32"};
    } else {
      datatypes = {"BYTES"};
    }
  } else if (output.kind == "decisions") {
    auto threshold = object.Number("threshold", output.threshold);
    if (!threshold.ok()) return threshold.status();
    output.threshold = *threshold;
    datatypes = {"INT64", "INT32"};
  }
  auto datatype = object.Choice("datatype", datatypes, std::string(datatypes[0]));
  if (!datatype.ok()) return datatype.status();
  output.datatype = *std::move(datatype);
  return absl::OkStatus();
}

absl::StatusOr<NativeOutput> ReadOutput(const json& value, const std::string& pointer) {
  absl::StatusOr<JsonObject> object = JsonObject::Open(value, pointer);
  if (!object.ok()) return object.status();
  NativeOutput output;
  auto name = object->String("name", kLongestNativeName);
  if (!name.ok()) return name.status();
  output.name = *std::move(name);
  auto layer = OptionalString(*object, "layer");
  if (!layer.ok()) return layer.status();
  output.layer = *std::move(layer);
  auto tap = object->Choice("tap", {"activation", "pre_activation"}, output.tap);
  if (!tap.ok()) return tap.status();
  output.tap = *std::move(tap);
  auto kind = object->Choice("kind", {"values", "label", "decisions"}, output.kind);
  if (!kind.ok()) return kind.status();
  output.kind = *std::move(kind);
  if (object->Find("shape") != nullptr) {
    auto shape = ReadElements<std::int64_t>(*object, "shape", 0, kMaxDimensions, ReadDimension);
    if (!shape.ok()) return shape.status();
    output.shape = *std::move(shape);
  }
  if (auto status = ReadKind(*object, output); !status.ok()) return status;
  if (auto status = object->CheckAllKnown(); !status.ok()) return status;
  return output;
}

absl::StatusOr<std::string> ReadWord(const json& value, const std::string& pointer) {
  if (value.is_string()) return value.get<std::string>();
  return absl::InvalidArgumentError(
      absl::StrCat(PlaceText(pointer), " is ", JsonText(value), "; expected a string"));
}

}  // namespace

absl::StatusOr<NativeDocument> ParseNativeDocument(absl::string_view text) {
  const absl::StatusOr<json> root = ParseJson("the text", text, kDocumentLimits);
  if (!root.ok()) return root.status();
  absl::StatusOr<JsonObject> object = JsonObject::Open(*root, "");
  if (!object.ok()) return object.status();
  const auto version = object->Integer("format_version", 1, 1);
  if (!version.ok()) return version.status();
  object->Find("$schema");  // for editors; ignored
  NativeDocument document;
  auto sha256 = ReadSha256(*object);
  if (!sha256.ok()) return sha256.status();
  document.sha256 = *std::move(sha256);
  if (object->Find("vocabulary") != nullptr) {
    auto words =
        ReadElements<std::string>(*object, "vocabulary", 1, Vocabulary::kMaxWords, ReadWord);
    if (!words.ok()) return words.status();
    document.vocabulary = *std::move(words);
  }
  auto inputs = ReadElements<NativeInput>(*object, "inputs", 1, kMaxInputsOrOutputs, ReadInput);
  if (!inputs.ok()) return inputs.status();
  document.inputs = *std::move(inputs);
  auto layers = ReadElements<NativeLayer>(*object, "layers", 1, kMaxLayers, ReadNativeLayer);
  if (!layers.ok()) return layers.status();
  document.layers = *std::move(layers);
  auto outputs = ReadElements<NativeOutput>(*object, "outputs", 1, kMaxInputsOrOutputs, ReadOutput);
  if (!outputs.ok()) return outputs.status();
  document.outputs = *std::move(outputs);
  if (auto status = object->CheckAllKnown(); !status.ok()) return status;
  return document;
}

}  // namespace mlp
