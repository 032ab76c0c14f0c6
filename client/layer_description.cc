#include "client/layer_description.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

using nlohmann::json;

// Each Read... stores member `key` of `layer` if it has the right type, and returns whether it has.
bool ReadString(const json& layer, const char* key, std::string& value) {
  const auto member = layer.find(key);
  if (member == layer.end() || !member->is_string()) return false;
  value = member->get_ref<const std::string&>();
  return true;
}

bool ReadCount(const json& layer, const char* key, std::int64_t& value) {
  const auto member = layer.find(key);
  if (member == layer.end() || !member->is_number_integer()) return false;
  value = member->get<std::int64_t>();
  return value >= 0;
}

bool ReadRange(const json& layer, const char* key, std::optional<UnitRange>& value) {
  const auto member = layer.find(key);
  if (member == layer.end() || member->is_null()) return true;
  if (member->is_number()) {
    const auto number = member->get<double>();
    value = UnitRange{number, number};
    return true;
  }
  if (!member->is_array() || member->size() != 2) return false;
  const json& smallest = (*member)[0];
  const json& largest = (*member)[1];
  if (!smallest.is_number() || !largest.is_number()) return false;
  value = UnitRange{smallest.get<double>(), largest.get<double>()};
  return true;
}

bool ReadActivationParameters(const json& layer,
                              std::vector<std::pair<std::string, UnitRange>>& parameters) {
  const auto member = layer.find("activation_parameters");
  if (member == layer.end() || member->is_null()) return true;
  if (!member->is_object()) return false;
  for (const auto& [name, unused] : member->items()) {
    std::optional<UnitRange> range;
    if (!ReadRange(*member, name.c_str(), range)) return false;
    if (range.has_value()) parameters.emplace_back(name, *range);
  }
  return true;
}

}  // namespace

absl::StatusOr<std::vector<LayerDescription>> ParseLayerDescriptions(absl::string_view json_text) {
  const json array = json::parse(json_text, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (!array.is_array()) {
    return absl::InternalError(
        "malformed answer: the model's parameter 'layers' is not a JSON array");
  }
  std::vector<LayerDescription> layers;
  for (const json& object : array) {
    LayerDescription layer;
    const auto malformed = [&](absl::string_view member) {
      return absl::InternalError(absl::StrCat("malformed answer: layer ", layers.size() + 1,
                                              " lacks a valid '", member, "'"));
    };
    if (!object.is_object() || !ReadString(object, "name", layer.name)) return malformed("name");
    if (!ReadCount(object, "inputs", layer.inputs)) return malformed("inputs");
    if (!ReadCount(object, "units", layer.units)) return malformed("units");
    if (!ReadString(object, "activation", layer.activation)) return malformed("activation");
    if (!ReadActivationParameters(object, layer.activation_parameters)) {
      return malformed("activation_parameters");
    }
    if (!ReadRange(object, "lower_tail", layer.lower_tail)) return malformed("lower_tail");
    if (!ReadRange(object, "upper_tail", layer.upper_tail)) return malformed("upper_tail");
    if (!ReadCount(object, "parameters", layer.parameters)) return malformed("parameters");
    layers.push_back(std::move(layer));
  }
  return layers;
}

}  // namespace mlp
