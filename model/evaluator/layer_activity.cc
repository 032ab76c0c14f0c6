#include "model/evaluator/layer_activity.h"

#include <cassert>
#include <cmath>
#include <numeric>

namespace mlp {

void LayerActivity::Reset(std::int64_t units) {
  rows = 0;
  non_finite = 0;
  sum = 0.0;
  sum_of_squares = 0.0;
  sum_of_slopes = 0.0;
  unit_lower_tail.assign(static_cast<std::size_t>(units), 0);
  unit_upper_tail.assign(static_cast<std::size_t>(units), 0);
  unsettled.resize(static_cast<std::size_t>((units + kMostPanelUnits - 1) / kMostPanelUnits));
  unsettled_rows = 0;
}

void LayerActivity::Settle() {
  if (unsettled_rows == 0) return;
  unsettled_rows = 0;
  for (std::size_t unit = 0; unit < unit_lower_tail.size(); ++unit) {
    const TileSums& sums = unsettled[unit / kMostPanelUnits];
    const std::size_t i = unit % kMostPanelUnits;
    unit_lower_tail[unit] += sums.lower_tail[i];
    unit_upper_tail[unit] += sums.upper_tail[i];
    sum += sums.values[i];
    sum_of_squares += sums.squares[i];
    sum_of_slopes += sums.slopes[i];
  }
}

void LayerActivity::AddActivation(float a, float slope) {
  if (!std::isfinite(a)) {
    ++non_finite;
    return;
  }
  sum += a;
  sum_of_squares += static_cast<double>(a) * a;
  sum_of_slopes += slope;
}

void LayerActivity::Merge(const LayerActivity& other) {
  assert(other.unsettled_rows == 0);
  rows += other.rows;
  non_finite += other.non_finite;
  sum += other.sum;
  sum_of_squares += other.sum_of_squares;
  sum_of_slopes += other.sum_of_slopes;
  for (std::size_t unit = 0; unit < unit_lower_tail.size(); ++unit) {
    unit_lower_tail[unit] += other.unit_lower_tail[unit];
    unit_upper_tail[unit] += other.unit_upper_tail[unit];
  }
}

std::int64_t LayerActivity::LowerTail() const {
  return std::accumulate(unit_lower_tail.begin(), unit_lower_tail.end(), std::int64_t{0});
}

std::int64_t LayerActivity::UpperTail() const {
  return std::accumulate(unit_upper_tail.begin(), unit_upper_tail.end(), std::int64_t{0});
}

std::int64_t LayerActivity::DeadUnits() const {
  if (rows == 0) return 0;
  std::int64_t dead = 0;
  for (std::size_t unit = 0; unit < unit_lower_tail.size(); ++unit) {
    if (unit_lower_tail[unit] == rows || unit_upper_tail[unit] == rows) ++dead;
  }
  return dead;
}

NetworkActivity MakeNetworkActivity(const Network& network) {
  NetworkActivity activity(network.layers().size());
  for (std::size_t i = 0; i < activity.size(); ++i) activity[i].Reset(network.layers()[i].units);
  return activity;
}

void ResetNetworkActivity(NetworkActivity& activity) {
  for (LayerActivity& layer : activity) {
    layer.Reset(static_cast<std::int64_t>(layer.unit_lower_tail.size()));
  }
}

void SettleNetworkActivity(NetworkActivity& activity) {
  for (LayerActivity& layer : activity) layer.Settle();
}

void MergeNetworkActivity(const NetworkActivity& from, NetworkActivity& into) {
  for (std::size_t i = 0; i < into.size(); ++i) into[i].Merge(from[i]);
}

}  // namespace mlp
