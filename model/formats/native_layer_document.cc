#include "model/formats/native_layer_document.h"

#include <cstdint>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/json_document.h"

namespace mlp {
namespace {

using nlohmann::json;

constexpr std::size_t kMostLayerSources = 65536;
constexpr std::size_t kMostParameters = 8;
constexpr std::int64_t kMostUnits = std::int64_t{1} << 20;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Reads a name, which may stand alone or in an object with more. Gives the object, whose other
// members are left to read; none for a name alone.
absl::StatusOr<std::optional<JsonObject>> ReadName(const json& value, const std::string& pointer,
                                                   std::string& name) {
  if (value.is_string()) {
    name = value.get<std::string>();
    if (!name.empty() && name.size() <= kLongestNativeName) return std::nullopt;
  }
  if (!value.is_object()) {
    return absl::InvalidArgumentError(absl::StrCat(PlaceText(pointer), " is ", JsonText(value),
                                                   "; expected a name or an object"));
  }
  absl::StatusOr<JsonObject> object = JsonObject::Open(value, pointer);
  if (!object.ok()) return object.status();
  auto member = object->String("name", kLongestNativeName);
  if (!member.ok()) return member.status();
  name = *std::move(member);
  return *std::move(object);
}

absl::StatusOr<NativeActivation> ReadActivation(const json& value, const std::string& pointer) {
  NativeActivation activation;
  absl::StatusOr<std::optional<JsonObject>> read = ReadName(value, pointer, activation.name);
  if (!read.ok()) return read.status();
  std::optional<JsonObject>& object = *read;
  if (!object.has_value()) return activation;
  if (value.size() > kMostParameters + 1) {
    return absl::InvalidArgumentError(absl::StrCat(PlaceText(pointer), " has ", value.size() - 1,
                                                   " parameters; expected at most ",
                                                   kMostParameters));
  }
  for (const std::string& parameter : object->Unknown()) {
    const json& member = value[parameter];
    if (member.is_number()) {
      activation.parameters.emplace_back(parameter, member.get<double>());
      continue;
    }
    if (!member.is_string()) {
      return absl::InvalidArgumentError(absl::StrCat(PlaceText(object->PointerOf(parameter)),
                                                     " is ", JsonText(member),
                                                     "; expected a number or a tensor's name"));
    }
    auto tensor = object->String(parameter, kLongestNativeName);
    if (!tensor.ok()) return tensor.status();
    activation.parameters.emplace_back(parameter, *std::move(tensor));
  }
  return activation;
}

absl::StatusOr<NativeSource> ReadSource(const json& value, const std::string& pointer) {
  NativeSource source;
  absl::StatusOr<std::optional<JsonObject>> read = ReadName(value, pointer, source.name);
  if (!read.ok()) return read.status();
  std::optional<JsonObject>& object = *read;
  if (!object.has_value()) return source;
  auto tap = object->Choice("tap", {"activation", "pre_activation"}, source.tap);
  if (!tap.ok()) return tap.status();
  source.tap = *std::move(tap);
  const auto first = object->Integer("first", 0, kMostUnits - 1, source.first);
  if (!first.ok()) return first.status();
  source.first = *first;
  if (object->Find("width") != nullptr) {
    const auto width = object->Integer("width", 1, kMostUnits);
    if (!width.ok()) return width.status();
    source.width = *width;
  }
  if (auto status = object->CheckAllKnown(); !status.ok()) return status;
  return source;
}

// Each Take... reads one member into its place.
absl::Status TakeString(JsonObject& object, absl::string_view key, std::string& place) {
  auto value = object.String(key, kLongestNativeName);
  if (!value.ok()) return value.status();
  place = *std::move(value);
  return absl::OkStatus();
}

absl::Status TakeOptional(JsonObject& object, absl::string_view key,
                          std::optional<std::string>& place) {
  auto value = OptionalString(object, key);
  if (!value.ok()) return value.status();
  place = *std::move(value);
  return absl::OkStatus();
}

absl::Status TakeChoice(JsonObject& object, absl::string_view key,
                        const std::vector<absl::string_view>& choices, std::string& place) {
  auto value = object.Choice(key, choices);
  if (!value.ok()) return value.status();
  place = *std::move(value);
  return absl::OkStatus();
}

absl::Status TakeNumber(JsonObject& object, absl::string_view key, std::optional<double> otherwise,
                        double& place) {
  const auto value = object.Number(key, otherwise);
  if (value.ok()) place = *value;
  return value.status();
}

absl::Status ReadImpute(JsonObject& object, NativeLayer& layer) {
  const json* given = object.Find("missing");
  if (given != nullptr && given->is_string()) {
    std::string missing;
    if (auto status = TakeChoice(object, "missing", {kInfinite, kMinusInfinite}, missing);
        !status.ok()) {
      return status;
    }
    layer.missing = missing == kInfinite ? kInfinity : -kInfinity;
  } else if (given != nullptr) {
    double missing = 0.0;
    if (auto status = TakeNumber(object, "missing", std::nullopt, missing); !status.ok()) {
      return status;
    }
    layer.missing = missing;
  }
  return TakeString(object, "values", layer.values);
}

absl::Status ReadNormalize(JsonObject& object, NativeLayer& layer) {
  absl::Status status =
      TakeChoice(object, "norm", {"l1", "l2", "max", "max_abs", "standard", "rms"}, layer.norm);
  if (layer.norm == "standard" || layer.norm == "rms") {
    status.Update(TakeNumber(object, "epsilon", 0.0, layer.epsilon));
  }
  return status;
}

absl::Status ReadQuantize(JsonObject& object, NativeLayer& layer) {
  absl::Status status = TakeNumber(object, "step", std::nullopt, layer.step);
  status.Update(TakeNumber(object, "zero_point", 0.0, layer.zero_point));
  status.Update(TakeNumber(object, "lowest", std::nullopt, layer.lowest));
  status.Update(TakeNumber(object, "highest", std::nullopt, layer.highest));
  return status;
}

// The members that only this combination has.
absl::Status ReadCombination(JsonObject& object, NativeLayer& layer) {
  absl::Status status;
  if (layer.combination == "dense") {
    status.Update(TakeString(object, "weights", layer.weights));
    status.Update(TakeChoice(object, "layout", {"out_in", "in_out"}, layer.layout));
    status.Update(TakeOptional(object, "bias", layer.bias));
  } else if (layer.combination == "affine") {
    status.Update(TakeOptional(object, "scale", layer.scale));
    status.Update(TakeOptional(object, "shift", layer.shift));
    status.Update(TakeOptional(object, "center", layer.center));
  } else if (layer.combination == "normalize") {
    status.Update(ReadNormalize(object, layer));
  } else if (layer.combination == "impute") {
    status.Update(ReadImpute(object, layer));
  } else if (layer.combination == "quantize") {
    status.Update(ReadQuantize(object, layer));
  }
  return status;
}

absl::Status ReadSources(JsonObject& object, NativeLayer& layer) {
  if (object.Find("sources") == nullptr) return absl::OkStatus();
  const absl::StatusOr<const json*> array = object.Array("sources", 1, kMostLayerSources);
  if (!array.ok()) return array.status();
  for (std::size_t i = 0; i < (*array)->size(); ++i) {
    auto source =
        ReadSource((**array)[i], JsonPointer(object.PointerOf("sources"), absl::StrCat(i)));
    if (!source.ok()) return source.status();
    layer.sources.push_back(*std::move(source));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::optional<std::string>> OptionalString(JsonObject& object,
                                                          absl::string_view key) {
  if (object.Find(key) == nullptr) return std::optional<std::string>();
  auto value = object.String(key, kLongestNativeName);
  if (!value.ok()) return value.status();
  return std::optional<std::string>(*std::move(value));
}

absl::StatusOr<NativeLayer> ReadNativeLayer(const json& value, const std::string& pointer) {
  absl::StatusOr<JsonObject> object = JsonObject::Open(value, pointer);
  if (!object.ok()) return object.status();
  NativeLayer layer;
  if (auto status = TakeOptional(*object, "name", layer.name); !status.ok()) return status;
  auto combination = object->Choice("combination",
                                    {"dense", "concat", "sum", "product", "maximum", "minimum",
                                     "affine", "normalize", "impute", "quantize"},
                                    layer.combination);
  if (!combination.ok()) return combination.status();
  layer.combination = *std::move(combination);
  if (auto status = ReadCombination(*object, layer); !status.ok()) return status;
  if (const json* activation = object->Find("activation")) {
    auto read = ReadActivation(*activation, object->PointerOf("activation"));
    if (!read.ok()) return read.status();
    layer.activation = *std::move(read);
  }
  if (auto status = ReadSources(*object, layer); !status.ok()) return status;
  if (auto status = object->CheckAllKnown(); !status.ok()) return status;
  return layer;
}

}  // namespace mlp
