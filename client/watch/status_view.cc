#include "client/watch/status_view.h"

#include <cstddef>
#include <nlohmann/json.hpp>

#include "absl/status/status.h"

namespace mlp {
namespace {

using nlohmann::json;

// The longest series to accept, more than any server sends.
constexpr std::size_t kMaxValues = 10'000;

// The member `name` of `object`; null if there is none or `object` is not an object.
const json& JsonMember(const json& object, const char* name) {
  static const json none;
  if (!object.is_object()) return none;
  const auto found = object.find(name);
  return found == object.end() ? none : *found;
}

double JsonNumber(const json& value) { return value.is_number() ? value.get<double>() : kNotKnown; }
double JsonNumber(const json& object, const char* name) {
  return JsonNumber(JsonMember(object, name));
}

std::int64_t JsonCount(const json& object, const char* name) {
  const json& value = JsonMember(object, name);
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

bool JsonFlag(const json& object, const char* name) {
  const json& value = JsonMember(object, name);
  return value.is_boolean() && value.get<bool>();
}

std::string JsonText(const json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}
std::string JsonText(const json& object, const char* name) {
  return JsonText(JsonMember(object, name));
}

absl::Time JsonTime(const json& object, const char* name) {
  const json& value = JsonMember(object, name);
  // Seconds() accepts any number, and is infinite for one that no integer holds.
  if (value.is_number()) return absl::UnixEpoch() + absl::Seconds(JsonNumber(value));
  absl::Time time = absl::InfinitePast();
  return absl::ParseTime(absl::RFC3339_full, JsonText(value), &time, nullptr)
             ? time
             : absl::InfinitePast();
}

// Applies `read` to each element of an array.
template <typename Read>
auto EachOf(const json& array, const Read& read) {
  std::vector<decltype(read(array))> elements;
  if (!array.is_array()) return elements;
  for (const json& element : array) {
    if (elements.size() == kMaxValues) break;
    elements.push_back(read(element));
  }
  return elements;
}

MinutesView JsonMinutes(const json& object, const char* name) {
  return EachOf(JsonMember(object, name), [](const json& value) { return JsonNumber(value); });
}

std::vector<std::string> JsonTexts(const json& object, const char* name) {
  return EachOf(JsonMember(object, name), [](const json& value) { return JsonText(value); });
}

FigureView JsonFigure(const json& object, const char* name) {
  const json& figure = JsonMember(object, name);
  return {JsonNumber(figure, "value"), JsonNumber(figure, "reference")};
}

LayerView ReadLayerView(const json& object) {
  LayerView layer;
  layer.name = JsonText(object, "name");
  layer.activation = JsonText(object, "activation");
  layer.units = JsonCount(object, "units");
  layer.lower_share = JsonFigure(object, "lower_share");
  layer.upper_share = JsonFigure(object, "upper_share");
  layer.dead_units = JsonFigure(object, "dead_units");
  layer.one_signed_units = JsonFigure(object, "one_signed_units");
  layer.gradient_gain = JsonFigure(object, "gradient_gain");
  layer.lower_minutes = JsonMinutes(object, "lower_minutes");
  layer.upper_minutes = JsonMinutes(object, "upper_minutes");
  const json& drift = JsonMember(object, "drift");
  layer.drift_ratio = JsonNumber(drift, "ratio");
  layer.drift_effect = JsonNumber(drift, "effect");
  layer.drift_alarms = JsonCount(drift, "alarms");
  layer.drift_alarmed = JsonFlag(drift, "alarmed");
  layer.drift_minutes = JsonMinutes(drift, "minutes");
  return layer;
}

ModelView ReadModelView(const json& object) {
  ModelView model;
  model.name = JsonText(object, "name");
  model.version = JsonText(object, "version");
  model.is_default = JsonFlag(object, "is_default");
  model.labels = JsonTexts(object, "labels");
  model.state = JsonText(object, "state");
  model.loaded_at = JsonTime(object, "loaded_at");
  model.architecture = JsonText(object, "architecture");
  model.requests_per_second = JsonNumber(object, "requests_per_second");
  model.p50_seconds = JsonNumber(object, "p50_seconds");
  model.p99_seconds = JsonNumber(object, "p99_seconds");
  model.refused_per_second = JsonNumber(object, "refused_per_second");
  model.errors = JsonCount(object, "errors");
  model.request_minutes = JsonMinutes(object, "request_minutes");
  model.p99_minutes = JsonMinutes(object, "p99_minutes");
  model.baseline = JsonText(object, "baseline");
  model.baseline_error = JsonText(object, "baseline_error");
  model.drift_ratio = JsonNumber(object, "drift_ratio");
  model.drift_minutes = JsonMinutes(object, "drift_minutes");
  model.layers = EachOf(JsonMember(object, "layers"), ReadLayerView);
  model.moved_inputs = EachOf(JsonMember(object, "moved_inputs"), [](const json& input) {
    return std::pair(JsonText(input, "name"), JsonNumber(input, "deviations"));
  });
  model.moved_classes = EachOf(JsonMember(object, "moved_classes"), [](const json& moved) {
    return std::pair(JsonText(moved, "name"), JsonFigure(moved, "share"));
  });
  model.out_of_range_share = JsonNumber(object, "out_of_range_share");
  model.missing_share = JsonNumber(object, "missing_share");
  model.not_finite_share = JsonNumber(object, "not_finite_share");
  model.findings = JsonTexts(object, "findings");
  return model;
}

}  // namespace

absl::StatusOr<StatusView> ReadStatus(absl::string_view json_text) {
  const json object = json::parse(json_text.begin(), json_text.end(), nullptr,
                                  /*allow_exceptions=*/false);
  if (!object.is_object()) {
    return absl::InternalError("malformed answer: the status is not a JSON object");
  }
  StatusView status;
  status.now = JsonTime(object, "now");
  status.started = JsonTime(object, "started");
  status.server_version = JsonText(object, "server_version");
  status.ready = JsonFlag(object, "ready");
  status.models = EachOf(JsonMember(object, "models"), ReadModelView);
  return status;
}

}  // namespace mlp
