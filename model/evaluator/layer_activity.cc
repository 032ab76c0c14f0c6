#include "model/evaluator/layer_activity.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <iterator>
#include <numeric>

namespace mlp {
namespace {

template <typename Number, typename Total>
void AddEach(const Number* __restrict numbers, std::size_t count, Total* __restrict totals) {
  for (std::size_t i = 0; i < count; ++i) totals[i] += static_cast<Total>(numbers[i]);
}

}  // namespace

void LayerActivity::Reset(std::int64_t units) {
  rows = 0;
  non_finite = 0;
  sum_of_squares = 0.0;
  const auto count = static_cast<std::size_t>(units);
  for (std::vector<std::int64_t>* const counts :
       {&unit_lower_tail, &unit_upper_tail, &unit_negative, &unit_non_finite}) {
    counts->assign(count, 0);
  }
  unit_values.assign(count, 0.0);
  unit_slopes.assign(count, 0.0);
  unsettled.resize((count + kMaxPanelUnits - 1) / kMaxPanelUnits);
  unsettled_rows = 0;
}

void LayerActivity::Settle() {
  if (unsettled_rows == 0) return;
  unsettled_rows = 0;
  const std::size_t units = unit_lower_tail.size();
  // One sum per position, so the additions are independent and vectorise.
  double squares[kMaxPanelUnits] = {};
  for (std::size_t first = 0; first < units; first += kMaxPanelUnits) {
    const TileSums& sums = unsettled[first / kMaxPanelUnits];
    const std::size_t count = std::min<std::size_t>(kMaxPanelUnits, units - first);
    AddEach(sums.lower_tail, count, unit_lower_tail.data() + first);
    AddEach(sums.upper_tail, count, unit_upper_tail.data() + first);
    AddEach(sums.negative, count, unit_negative.data() + first);
    AddEach(sums.values, count, unit_values.data() + first);
    AddEach(sums.slopes, count, unit_slopes.data() + first);
    AddEach(sums.squares, count, squares);
  }
  sum_of_squares += std::accumulate(std::begin(squares), std::end(squares), 0.0);
}

void LayerActivity::AddActivation(std::int64_t unit, float a, float slope) {
  const auto index = static_cast<std::size_t>(unit);
  if (!std::isfinite(a)) {
    ++non_finite;
    ++unit_non_finite[index];
    return;
  }
  unit_negative[index] += a < 0.0F ? 1 : 0;
  unit_values[index] += a;
  unit_slopes[index] += slope;
  sum_of_squares += static_cast<double>(a) * a;
}

void LayerActivity::Merge(const LayerActivity& other) {
  assert(other.unsettled_rows == 0);
  rows += other.rows;
  sum_of_squares += other.sum_of_squares;
  const std::size_t units = unit_lower_tail.size();
  AddEach(other.unit_lower_tail.data(), units, unit_lower_tail.data());
  AddEach(other.unit_upper_tail.data(), units, unit_upper_tail.data());
  AddEach(other.unit_negative.data(), units, unit_negative.data());
  AddEach(other.unit_values.data(), units, unit_values.data());
  AddEach(other.unit_slopes.data(), units, unit_slopes.data());
  if (other.non_finite == 0) return;
  non_finite += other.non_finite;
  AddEach(other.unit_non_finite.data(), units, unit_non_finite.data());
}

std::int64_t LayerActivity::LowerTail() const {
  return std::accumulate(unit_lower_tail.begin(), unit_lower_tail.end(), std::int64_t{0});
}

std::int64_t LayerActivity::UpperTail() const {
  return std::accumulate(unit_upper_tail.begin(), unit_upper_tail.end(), std::int64_t{0});
}

double LayerActivity::Sum() const {
  return std::accumulate(unit_values.begin(), unit_values.end(), 0.0);
}

double LayerActivity::SumOfSlopes() const {
  return std::accumulate(unit_slopes.begin(), unit_slopes.end(), 0.0);
}

std::int64_t LayerActivity::DeadUnits() const {
  if (rows == 0) return 0;
  std::int64_t dead = 0;
  for (std::size_t unit = 0; unit < unit_lower_tail.size(); ++unit) {
    if (unit_lower_tail[unit] == rows || unit_upper_tail[unit] == rows) ++dead;
  }
  return dead;
}

std::int64_t LayerActivity::OneSignedUnits() const {
  if (rows == 0) return 0;
  std::int64_t one_signed = 0;
  for (std::size_t unit = 0; unit < unit_negative.size(); ++unit) {
    const bool changed =
        unit_negative[unit] > 0 && unit_negative[unit] < rows - unit_non_finite[unit];
    one_signed += changed ? 0 : 1;
  }
  return one_signed;
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
