#include "tests/server/status_page/healthy_parts.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// Uneven, as traffic is, but the same in every run; in [-1, 1].
double Wobble(std::size_t i, std::size_t seed) {
  const double x = std::sin(static_cast<double>(i) * 12.9898 + static_cast<double>(seed) * 78.233);
  return 2 * (x * 43758.5453 - std::floor(x * 43758.5453)) - 1;
}

MinuteSeries Series(const std::function<double(std::size_t)>& value) {
  MinuteSeries series = UnknownMinutes();
  for (std::size_t i = 0; i < series.size(); ++i) series[i] = value(i);
  return series;
}

double Sigmoid(double z) { return 1 / (1 + std::exp(-z)); }

}  // namespace

MinuteSeries Around(double value, double spread, std::size_t seed) {
  return Series([=](std::size_t i) { return value * (1 + spread * Wobble(i, seed)); });
}

MinuteSeries Step(double before, double after, std::size_t minute, std::size_t seed) {
  return Series([=](std::size_t i) {
    const double part =
        std::clamp((static_cast<double>(i) - static_cast<double>(minute)) / 6.0, 0.0, 1.0);
    return (before + (after - before) * part) * (1 + 0.08 * Wobble(i, seed));
  });
}

StatusShape SigmoidShape(double middle, double spread) {
  StatusShape shape;
  constexpr int kBuckets = 48;
  double total = 0.0;
  for (int i = 0; i <= kBuckets; ++i) shape.bounds.push_back(-12 + 24.0 * i / kBuckets);
  for (int i = 0; i < kBuckets; ++i) {
    const double z = (shape.bounds[static_cast<std::size_t>(i)] - middle + 0.25) / spread;
    shape.shares.push_back(std::exp(-z * z / 2));
    total += shape.shares.back();
  }
  for (double& share : shape.shares) share /= total;
  for (int i = 0; i <= 96; ++i) {
    shape.curve_z.push_back(-12 + 24.0 * i / 96);
    shape.curve_a.push_back(Sigmoid(shape.curve_z.back()));
  }
  shape.lower_tail = -5.9864;
  shape.upper_tail = 5.9864;
  return shape;
}

StatusLayer Hidden(int number, std::size_t seed) {
  StatusLayer layer;
  layer.name = absl::StrCat("hidden_", number);
  layer.activation = "sigmoid";
  layer.units = number == 1 ? 64 : 32;
  layer.lower_share = {0.031, 0.031};
  layer.upper_share = {0.018, 0.017};
  layer.dead_units = {0, 0};
  layer.one_signed_units = {static_cast<double>(layer.units), static_cast<double>(layer.units)};
  layer.mean = {0.42, 0.421};
  layer.zero_centredness = {0.83, 0.83};
  layer.gradient_gain = {0.112, 0.113};
  layer.lower_minutes = Around(0.031, 0.15, seed);
  layer.upper_minutes = Around(0.018, 0.2, seed + 1);
  layer.drift = {.ratio = 0.72,
                 .effect = 0.02,
                 .window_rows = 10'000,
                 .window_end = kNow - minutes(1),
                 .alarms = 0,
                 .alarmed = false,
                 .minutes = Around(0.66, 0.25, seed + 2)};
  layer.shape = SigmoidShape(-0.4, 2.6);
  return layer;
}

StatusLayer End(const std::string& name, std::int64_t units, std::size_t seed) {
  StatusLayer layer;
  layer.name = name;
  layer.units = units;
  if (name == "outputs") layer.activation = "softmax";
  layer.drift = {.ratio = 0.57,
                 .effect = 0.01,
                 .window_rows = 10'000,
                 .window_end = kNow - minutes(1),
                 .alarms = 0,
                 .alarmed = false,
                 .minutes = Around(0.58, 0.2, seed)};
  return layer;
}

StatusModel Digits(const std::string& name, std::size_t seed) {
  StatusModel model;
  model.name = name;
  model.version = "1";
  model.is_default = true;
  model.state = "READY";
  model.loaded_at = kNow - hours(27);
  model.architecture = "64-64-32-10, sigmoid, 6,570 parameters";
  model.requests_per_second = 118;
  model.p50_seconds = 0.00041;
  model.p99_seconds = 0.0023;
  model.refused_per_second = 0;
  model.request_minutes = Around(115, 0.2, seed);
  model.p50_minutes = Around(0.00041, 0.1, seed + 1);
  model.p99_minutes = Around(0.0021, 0.3, seed + 2);
  model.refused_minutes = Around(0, 0, seed + 3);
  model.latency = {.bounds = {1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 0.1, 1},
                   .buckets = {0, 21'400, 288'000, 81'000, 21'500, 1'900, 240, 31, 2, 0, 0}};
  model.batch_rows = {.bounds = {1, 2, 4, 8, 16, 32, 64, 128},
                      .buckets = {61'000, 44'000, 30'500, 12'100, 4'010, 320, 12, 0, 0}};
  model.baseline = "calibrated 2026-11-28, 1,437 rows";
  model.expected_out_of_range = 0.085;
  model.drift_ratio = 0.72;
  model.drift_minutes = Around(0.68, 0.2, seed + 4);
  model.layers = {End("inputs", 64, seed + 5), Hidden(1, seed + 6), Hidden(2, seed + 9),
                  End("outputs", 10, seed + 12)};
  model.moved_inputs = {{"pixels[21]", 0.08}, {"pixels[42]", -0.06}, {"pixels[9]", 0.05}};
  model.moved_classes = {{"8", {0.094, 0.101}}, {"3", {0.106, 0.102}}};
  model.out_of_range_share = 0.0;
  model.missing_share = 0.0;
  model.not_finite_share = 0.0;
  return model;
}

Status Around(std::vector<StatusModel> models) {
  Status status;
  status.now = kNow;
  status.started = kNow - hours(27) - minutes(3);
  status.server_version = "0.1.0";
  status.ready = true;
  status.models = std::move(models);
  return status;
}

}  // namespace mlp
