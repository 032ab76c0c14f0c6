#include "server/insight/layer_shapes.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "model/activations/activation.h"
#include "server/insight/input_rows.h"

namespace mlp {
namespace {

// The most multiply-adds per call: a few tenths of a second.
constexpr std::int64_t kMaxWork = 200'000'000;

constexpr std::size_t kBuckets = 40;
constexpr std::size_t kCurvePoints = 81;

// Excludes the outermost thousandth at each end, which would squeeze the rest of the chart.
std::pair<double, double> MiddleRangeOf(std::vector<float>& z) {
  const std::size_t cut = z.size() / 1000;
  const auto low = z.begin() + static_cast<std::ptrdiff_t>(cut);
  const auto high = z.end() - 1 - static_cast<std::ptrdiff_t>(cut);
  std::nth_element(z.begin(), low, z.end());
  const double lowest = *low;
  std::nth_element(z.begin(), high, z.end());
  return {lowest, *high};
}

// Widens the range to include tails that are near, because the shape is compared with them.
void WidenToTails(const Tails& tails, double& low, double& high) {
  const double margin = 0.15 * std::max(high - low, 1.0);
  constexpr double kFar = 12;
  if (tails.lower > low - kFar) low = std::min(low, tails.lower - margin);
  if (tails.upper < high + kFar) high = std::max(high, tails.upper + margin);
  if (high - low < 1e-6) {
    low -= 0.5;
    high += 0.5;
  }
}

StatusShape ShapeOf(const Layer& layer, const Tails& tails, std::vector<float>& z) {
  StatusShape shape;
  const std::size_t all = z.size();
  z.erase(std::remove_if(z.begin(), z.end(), [](float value) { return !std::isfinite(value); }),
          z.end());
  if (z.empty()) return shape;
  auto [low, high] = MiddleRangeOf(z);
  WidenToTails(tails, low, high);
  const double width = (high - low) / kBuckets;
  for (std::size_t i = 0; i <= kBuckets; ++i)
    shape.bounds.push_back(low + width * static_cast<double>(i));
  shape.shares.resize(kBuckets);
  for (const float value : z) {
    const double place = (value - low) / width;
    if (place < 0 || place > kBuckets) continue;
    shape.shares[std::min(static_cast<std::size_t>(place), kBuckets - 1)] +=
        1.0 / static_cast<double>(all);
  }
  const ActivationInfo& activation = InfoOf(layer.activation.kind);
  for (std::size_t i = 0; i < kCurvePoints; ++i) {
    const double at = low + (high - low) * static_cast<double>(i) / (kCurvePoints - 1);
    shape.curve_z.push_back(at);
    shape.curve_a.push_back(activation.value(at, ParametersOfUnit(layer.activation, 0)));
  }
  shape.lower_tail = tails.lower;
  shape.upper_tail = tails.upper;
  return shape;
}

}  // namespace

std::vector<StatusShape> ShapesOf(const Evaluator& evaluator, const std::vector<float>& rows) {
  const Network& network = evaluator.network();
  std::vector<StatusShape> shapes(network.layers().size());
  const std::int64_t width = InputWidth(network);
  const std::int64_t affordable = kMaxWork / std::max<std::int64_t>(network.parameter_count(), 1);
  const std::int64_t count = std::min(static_cast<std::int64_t>(rows.size()) / width, affordable);
  if (count == 0) return shapes;
  const std::vector<std::vector<float>> inputs =
      SplitByInput(network, {rows.end() - count * width, rows.end()});
  std::vector<const float*> input_arrays;
  for (const std::vector<float>& input : inputs) input_arrays.push_back(input.data());
  std::vector<std::vector<float>> outputs;
  std::vector<float*> output_arrays;
  for (const NetworkOutput& output : network.outputs()) {
    outputs.emplace_back(static_cast<std::size_t>(count * network.WidthOf(output)));
  }
  for (std::vector<float>& output : outputs) output_arrays.push_back(output.data());

  std::vector<std::vector<float>> z(network.layers().size());
  Evaluator::Workspace workspace = evaluator.MakeWorkspace();
  evaluator.EvaluateObserved(count, input_arrays, output_arrays, workspace,
                             [&](std::size_t layer, std::int64_t /*first_row*/, std::int64_t block,
                                 const float* values, const float* /*a*/) {
                               const Layer& of_network = network.layers()[layer];
                               if (!of_network.has_activity()) return;
                               z[layer].insert(z[layer].end(), values,
                                               values + block * of_network.units);
                             });
  for (std::size_t i = 0; i < z.size(); ++i) {
    if (z[i].empty()) continue;
    const SaturationBounds& bounds = evaluator.saturation_bounds()[i];
    const Tails tails{bounds.lower.front(), bounds.upper.front()};
    shapes[i] = ShapeOf(network.layers()[i], tails, z[i]);
    z[i] = {};
  }
  return shapes;
}

}  // namespace mlp
