#include <chrono>
#include <cmath>
#include <string>

#include "absl/time/time.h"
#include "nlohmann/json.hpp"
#include "server/status_page/status_page.h"

namespace mlp {
namespace {

// JSON has neither NaN nor infinity.
nlohmann::json NumberJson(double number) {
  if (std::isfinite(number)) return number;
  return nullptr;
}

nlohmann::json TimeJson(std::chrono::system_clock::time_point time) {
  if (time == std::chrono::system_clock::time_point()) return nullptr;
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromChrono(time), absl::UTCTimeZone());
}

// Six digits: no figure is more exact, and series make up most of the bytes.
double SixDigits(double number) {
  if (number == 0.0 || !std::isfinite(number)) return number;
  const double scale = std::pow(10.0, 5.0 - std::floor(std::log10(std::fabs(number))));
  return std::isfinite(scale) && scale > 0.0 ? std::round(number * scale) / scale : number;
}

template <typename Numbers>
nlohmann::json NumbersJson(const Numbers& numbers) {
  nlohmann::json json = nlohmann::json::array();
  for (const double number : numbers) json.push_back(NumberJson(SixDigits(number)));
  return json;
}

nlohmann::json ToJson(const StatusMark& mark);
nlohmann::json ToJson(const StatusLayer& layer);
nlohmann::json ToJson(const StatusInput& input);
nlohmann::json ToJson(const StatusClass& moved);
nlohmann::json ToJson(const StatusModel& model);

template <typename Items>
nlohmann::json ListJson(const Items& items) {
  nlohmann::json json = nlohmann::json::array();
  for (const auto& item : items) json.push_back(ToJson(item));
  return json;
}

nlohmann::json ToJson(const StatusFigure& figure) {
  return {{"value", NumberJson(figure.value)}, {"reference", NumberJson(figure.reference)}};
}

nlohmann::json ToJson(const StatusMark& mark) {
  return {{"minute", mark.minute}, {"what", mark.what}};
}

nlohmann::json ToJson(const StatusHistogram& histogram) {
  return {{"bounds", NumbersJson(histogram.bounds)}, {"buckets", histogram.buckets}};
}

nlohmann::json ToJson(const StatusDrift& drift) {
  return {{"ratio", NumberJson(drift.ratio)},
          {"effect", NumberJson(drift.effect)},
          {"window_rows", drift.window_rows},
          {"window_end", TimeJson(drift.window_end)},
          {"alarms", drift.alarms},
          {"alarmed", drift.alarmed},
          {"minutes", NumbersJson(drift.minutes)}};
}

nlohmann::json ToJson(const StatusShape& shape) {
  return {
      {"bounds", NumbersJson(shape.bounds)},        {"shares", NumbersJson(shape.shares)},
      {"curve_z", NumbersJson(shape.curve_z)},      {"curve_a", NumbersJson(shape.curve_a)},
      {"lower_tail", NumberJson(shape.lower_tail)}, {"upper_tail", NumberJson(shape.upper_tail)}};
}

nlohmann::json ToJson(const StatusLayer& layer) {
  return {{"name", layer.name},
          {"activation", layer.activation},
          {"units", layer.units},
          {"lower_share", ToJson(layer.lower_share)},
          {"upper_share", ToJson(layer.upper_share)},
          {"dead_units", ToJson(layer.dead_units)},
          {"one_signed_units", ToJson(layer.one_signed_units)},
          {"mean", ToJson(layer.mean)},
          {"zero_centredness", ToJson(layer.zero_centredness)},
          {"gradient_gain", ToJson(layer.gradient_gain)},
          {"lower_minutes", NumbersJson(layer.lower_minutes)},
          {"upper_minutes", NumbersJson(layer.upper_minutes)},
          {"drift", ToJson(layer.drift)},
          {"shape", ToJson(layer.shape)}};
}

nlohmann::json ToJson(const StatusInput& input) {
  return {{"name", input.name}, {"deviations", NumberJson(input.deviations)}};
}

nlohmann::json ToJson(const StatusClass& moved) {
  return {{"name", moved.name}, {"share", ToJson(moved.share)}};
}

nlohmann::json ToJson(const StatusModel& model) {
  nlohmann::json refusals = nlohmann::json::object();
  for (const auto& [reason, count] : model.refusals) refusals[reason] = count;
  return {{"name", model.name},
          {"version", model.version},
          {"is_default", model.is_default},
          {"labels", model.labels},
          {"state", model.state},
          {"loaded_at", TimeJson(model.loaded_at)},
          {"architecture", model.architecture},
          {"requests_per_second", NumberJson(model.requests_per_second)},
          {"p50_seconds", NumberJson(model.p50_seconds)},
          {"p99_seconds", NumberJson(model.p99_seconds)},
          {"refused_per_second", NumberJson(model.refused_per_second)},
          {"refusals", std::move(refusals)},
          {"errors", model.errors},
          {"request_minutes", NumbersJson(model.request_minutes)},
          {"p50_minutes", NumbersJson(model.p50_minutes)},
          {"p99_minutes", NumbersJson(model.p99_minutes)},
          {"refused_minutes", NumbersJson(model.refused_minutes)},
          {"latency", ToJson(model.latency)},
          {"batch_rows", ToJson(model.batch_rows)},
          {"baseline", model.baseline},
          {"baseline_error", model.baseline_error},
          {"drift_ratio", NumberJson(model.drift_ratio)},
          {"drift_minutes", NumbersJson(model.drift_minutes)},
          {"marks", ListJson(model.marks)},
          {"layers", ListJson(model.layers)},
          {"moved_inputs", ListJson(model.moved_inputs)},
          {"moved_classes", ListJson(model.moved_classes)},
          {"out_of_range_share", NumberJson(model.out_of_range_share)},
          {"missing_share", NumberJson(model.missing_share)},
          {"not_finite_share", NumberJson(model.not_finite_share)},
          {"findings", model.findings}};
}

}  // namespace

std::string StatusJson(const Status& status) {
  const nlohmann::json json = {{"now", TimeJson(status.now)},
                               {"started", TimeJson(status.started)},
                               {"server_version", status.server_version},
                               {"ready", status.ready},
                               {"models", ListJson(status.models)}};
  return json.dump(/*indent=*/-1, ' ', /*ensure_ascii=*/false,
                   nlohmann::json::error_handler_t::replace) +
         "\n";
}

}  // namespace mlp
