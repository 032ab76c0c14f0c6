#include "server/insight/version_history.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

using HistoryClock = VersionHistory::Clock;

StatusHistogram HistogramOf(const ModelMetrics::Bounds& bounds,
                            const std::vector<std::int64_t>& buckets) {
  return {{bounds.begin(), bounds.end()}, buckets};
}

Traffic OfSeconds(double seconds) {
  Traffic traffic;
  traffic.seconds = seconds;
  return traffic;
}

std::size_t MinutesBetween(HistoryClock::time_point early, HistoryClock::time_point late) {
  constexpr std::chrono::minutes kMinute(1);
  const auto minutes = late.time_since_epoch() / kMinute - early.time_since_epoch() / kMinute;
  return static_cast<std::size_t>(std::max<std::int64_t>(minutes, 0));
}

}  // namespace

VersionHistory::VersionHistory(const TrafficSums& sums, Clock::time_point now)
    : known_since_(now), last_look_(now), sums_(sums) {}

void VersionHistory::BeginLoad(std::size_t layers, std::size_t targets) {
  activity_ = {};
  watched_ = {};
  if (layers != layer_count_ || targets != target_count_) layers_.reset();
  layer_count_ = layers;
  target_count_ = targets;
}

VersionHistory::Rings& VersionHistory::rings(Clock::time_point now) {
  if (rings_.has_value()) return *rings_;
  rings_.emplace();
  // Earlier minutes had no requests: record them as zero, not unknown.
  const std::size_t minutes = std::min(MinutesBetween(known_since_, now), kStatusMinutes - 1);
  for (std::size_t ago = minutes; ago > 0; --ago) {
    rings_->minutes.Add(OfSeconds(60), now - std::chrono::minutes(ago));
  }
  return *rings_;
}

LayerRing& VersionHistory::layer_ring() {
  if (!layers_.has_value()) layers_.emplace(layer_count_, target_count_);
  return *layers_;
}

void VersionHistory::AddNothing(Clock::time_point now) {
  const double seconds = std::chrono::duration<double>(now - last_look_).count();
  last_look_ = now;
  if (!rings_.has_value()) return;
  rings_->minutes.Add(OfSeconds(seconds), now);
  rings_->recent.Add(OfSeconds(seconds), now);
}

void VersionHistory::Add(const TrafficSums& sums, const ActivitySummary& activity,
                         const WatchedRows& watched, Clock::time_point now) {
  const double seconds = std::chrono::duration<double>(now - last_look_).count();
  last_look_ = now;
  const Traffic more = Difference(sums, sums_, seconds);
  Rings& rings = this->rings(now);
  rings.minutes.Add(more, now);
  rings.recent.Add(more, now);
  sums_ = sums;

  std::vector<LayerCounts> layers(activity.layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    layers[i] = activity.layers[i].counts;
    if (i >= activity_.layers.size()) continue;
    layers[i].activations -= activity_.layers[i].counts.activations;
    layers[i].lower_tail -= activity_.layers[i].counts.lower_tail;
    layers[i].upper_tail -= activity_.layers[i].counts.upper_tail;
  }
  layer_ring().Add(layers, now);
  layer_ring().AddRows(
      {watched.rows - watched_.rows, watched.out_of_range - watched_.out_of_range,
       watched.missing - watched_.missing, watched.not_finite - watched_.not_finite},
      now);
  activity_ = activity;
  watched_ = watched;
}

void VersionHistory::AddRatio(std::size_t target, double ratio, Clock::time_point now) {
  layer_ring().AddRatio(target, ratio, now);
}

void VersionHistory::Mark(std::string what, Clock::time_point now) {
  if (events_.size() == kMaxEvents) events_.erase(events_.begin());
  events_.push_back({std::move(what), now});
}

void VersionHistory::FillTraffic(StatusModel& model, Clock::time_point now) const {
  const std::size_t known_minutes = MinutesBetween(known_since_, now);
  for (std::size_t ago = 0; ago < kStatusMinutes; ++ago) {
    const std::size_t i = kStatusMinutes - 1 - ago;
    const double idle = ago <= known_minutes ? 0.0 : kUnknown;
    model.request_minutes[i] = rings_ ? rings_->minutes.At(ago, now).RequestsPerSecond() : idle;
    model.refused_minutes[i] = rings_ ? rings_->minutes.At(ago, now).RefusedPerSecond() : idle;
    model.p50_minutes[i] = rings_ ? rings_->minutes.At(ago, now).DurationQuantile(0.5) : kUnknown;
    model.p99_minutes[i] = rings_ ? rings_->minutes.At(ago, now).DurationQuantile(0.99) : kUnknown;
  }
  for (const Event& event : events_) {
    const std::size_t ago = MinutesBetween(event.when, now);
    if (ago >= kStatusMinutes) continue;
    model.marks.push_back({static_cast<std::int64_t>(kStatusMinutes - 1 - ago), event.what});
  }
  if (!rings_.has_value()) {
    model.requests_per_second = model.refused_per_second = 0;
    return;
  }
  const Traffic recent = rings_->recent.Sum(now);
  model.requests_per_second = recent.RequestsPerSecond();
  model.refused_per_second = recent.RefusedPerSecond();
  model.p50_seconds = recent.DurationQuantile(0.5);
  model.p99_seconds = recent.DurationQuantile(0.99);
  const Traffic hour = rings_->minutes.Sum(now);
  model.errors = hour.errors;
  for (std::size_t reason = 0; reason < kRejectionReasons; ++reason) {
    if (hour.refused[reason] == 0) continue;
    model.refusals.emplace_back(NameOf(static_cast<RejectionReason>(reason)), hour.refused[reason]);
  }
  model.latency = HistogramOf(ModelMetrics::DurationBounds(), hour.request_durations);
  model.batch_rows = HistogramOf(ModelMetrics::RowBounds(), hour.batch_rows);
}

}  // namespace mlp
