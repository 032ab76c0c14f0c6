// Writes model.json.

#include <nlohmann/json.hpp>

#include "model/formats/native/document.h"

namespace mlp {
namespace {

using nlohmann::ordered_json;

template <typename Value>
void SetUnless(ordered_json& object, const char* key, const Value& value,
               const Value& default_value) {
  if (value != default_value) object[key] = value;
}

template <typename Value>
void SetIfGiven(ordered_json& object, const char* key, const std::optional<Value>& value) {
  if (value.has_value()) object[key] = *value;
}

ordered_json ActivationJson(const NativeActivation& activation) {
  if (activation.parameters.empty()) return activation.name;
  ordered_json object = {{"name", activation.name}};
  for (const auto& [name, value] : activation.parameters) {
    std::visit([&, &key = name](const auto& known) { object[key] = known; }, value);
  }
  return object;
}

ordered_json SourceJson(const NativeSource& source) {
  const NativeSource default_source;
  ordered_json object = {{"name", source.name}};
  SetUnless(object, "tap", source.tap, default_source.tap);
  SetUnless(object, "first", source.first, default_source.first);
  SetIfGiven(object, "width", source.width);
  return object.size() == 1 ? ordered_json(source.name) : object;
}

ordered_json MemberJson(const NativeValue& value) {
  if (const auto* numbers = std::get_if<NativeNumbers>(&value)) {
    ordered_json object = ordered_json::object();
    for (const auto& [name, number] : *numbers) object[name] = number;
    return object;
  }
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  return std::get<std::string>(value);
}

ordered_json LayerJson(const NativeLayer& layer) {
  ordered_json object = ordered_json::object();
  SetIfGiven(object, "name", layer.name);
  SetUnless(object, "combination", layer.combination, NativeLayer().combination);
  for (const auto& [key, value] : layer.members) object[key] = MemberJson(value);
  if (layer.activation.name != NativeActivation().name || !layer.activation.parameters.empty()) {
    object["activation"] = ActivationJson(layer.activation);
  }
  for (const NativeSource& source : layer.sources) object["sources"].push_back(SourceJson(source));
  return object;
}

ordered_json OutputJson(const NativeOutput& output) {
  const NativeOutput default_output;
  ordered_json object = {{"name", output.name}};
  SetIfGiven(object, "layer", output.layer);
  SetUnless(object, "tap", output.tap, default_output.tap);
  SetUnless(object, "kind", output.kind, default_output.kind);
  SetIfGiven(object, "shape", output.shape);
  SetUnless(object, "datatype", output.datatype, default_output.datatype);
  if (!output.integer_labels.empty()) object["labels"] = output.integer_labels;
  if (!output.string_labels.empty()) object["labels"] = output.string_labels;
  if (output.kind == "decisions") object["threshold"] = output.threshold;
  return object;
}

}  // namespace

std::string SerializeNativeDocument(const NativeDocument& document) {
  ordered_json root = {{"format_version", 1}};
  SetIfGiven(root, "sha256", document.sha256);
  if (!document.vocabulary.empty()) root["vocabulary"] = document.vocabulary;
  for (const NativeInput& input : document.inputs) {
    ordered_json object = {{"name", input.name}, {"shape", input.shape}};
    SetUnless(object, "datatype", input.datatype, NativeInput().datatype);
    root["inputs"].push_back(std::move(object));
  }
  for (const NativeLayer& layer : document.layers) root["layers"].push_back(LayerJson(layer));
  for (const NativeOutput& output : document.outputs) root["outputs"].push_back(OutputJson(output));
  // Names made in memory may not be UTF-8, which would throw without error_handler_t::replace.
  return root.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace mlp
