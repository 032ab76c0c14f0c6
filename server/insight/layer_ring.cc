#include "server/insight/layer_ring.h"

#include <algorithm>
#include <cmath>

namespace mlp {
namespace {

std::int64_t MinuteOf(LayerRing::Clock::time_point time) {
  return time.time_since_epoch() / std::chrono::minutes(1);
}

double ShareOf(std::int64_t part, std::int64_t all) {
  return all > 0 ? static_cast<double>(part) / static_cast<double>(all) : kUnknown;
}

}  // namespace

LayerRing::LayerRing(std::size_t layers, std::size_t targets)
    : slots_(kStatusMinutes, {-1, std::vector<Shares>(layers), std::vector<float>(targets), {}}) {}

LayerRing::Slot& LayerRing::SlotAt(Clock::time_point now) {
  const std::int64_t minute = MinuteOf(now);
  Slot& slot = slots_[static_cast<std::size_t>(minute) % slots_.size()];
  if (slot.minute != minute) {
    slot.minute = minute;
    std::fill(slot.layers.begin(), slot.layers.end(), Shares{});
    slot.rows = {};
    std::fill(slot.ratios.begin(), slot.ratios.end(), static_cast<float>(kUnknown));
  }
  return slot;
}

void LayerRing::Add(const std::vector<LayerCounts>& more, Clock::time_point now) {
  Slot& slot = SlotAt(now);
  for (std::size_t i = 0; i < std::min(more.size(), slot.layers.size()); ++i) {
    slot.layers[i].activations += more[i].activations;
    slot.layers[i].lower += more[i].lower_tail;
    slot.layers[i].upper += more[i].upper_tail;
  }
}

void LayerRing::AddRows(const WatchedRows& more, Clock::time_point now) {
  WatchedRows& rows = SlotAt(now).rows;
  rows.rows += more.rows;
  rows.out_of_range += more.out_of_range;
  rows.missing += more.missing;
  rows.not_finite += more.not_finite;
}

WatchedRows LayerRing::RowsOfHour(Clock::time_point now) const {
  WatchedRows sum;
  const std::int64_t oldest = MinuteOf(now) - static_cast<std::int64_t>(kStatusMinutes) + 1;
  for (const Slot& slot : slots_) {
    if (slot.minute < oldest) continue;
    sum.rows += slot.rows.rows;
    sum.out_of_range += slot.rows.out_of_range;
    sum.missing += slot.rows.missing;
    sum.not_finite += slot.rows.not_finite;
  }
  return sum;
}

void LayerRing::AddRatio(std::size_t target, double ratio, Clock::time_point now) {
  Slot& slot = SlotAt(now);
  if (target >= slot.ratios.size()) return;
  // fmax returns the other value if one is NaN.
  slot.ratios[target] = std::fmax(slot.ratios[target], static_cast<float>(ratio));
}

template <typename Figure>
MinuteSeries LayerRing::Series(Clock::time_point now, const Figure& figure) const {
  MinuteSeries series;
  const std::int64_t last = MinuteOf(now);
  for (std::size_t i = 0; i < series.size(); ++i) {
    const std::int64_t minute = last - static_cast<std::int64_t>(series.size() - 1 - i);
    const Slot& slot =
        slots_[static_cast<std::size_t>(std::max<std::int64_t>(minute, 0)) % slots_.size()];
    series[i] = minute >= 0 && slot.minute == minute ? figure(slot) : kUnknown;
  }
  return series;
}

MinuteSeries LayerRing::Lower(std::size_t layer, Clock::time_point now) const {
  return Series(now, [layer](const Slot& slot) {
    return ShareOf(slot.layers[layer].lower, slot.layers[layer].activations);
  });
}

MinuteSeries LayerRing::Upper(std::size_t layer, Clock::time_point now) const {
  return Series(now, [layer](const Slot& slot) {
    return ShareOf(slot.layers[layer].upper, slot.layers[layer].activations);
  });
}

MinuteSeries LayerRing::Ratios(std::size_t target, Clock::time_point now) const {
  return Series(now,
                [target](const Slot& slot) { return static_cast<double>(slot.ratios[target]); });
}

}  // namespace mlp
