#include "server/insight/traffic_ring.h"

#include <algorithm>
#include <numeric>

#include "server/insight/status.h"

namespace mlp {
namespace {

// An empty slot, with room for all buckets.
Traffic NoTraffic() {
  Traffic traffic;
  traffic.request_durations.resize(ModelMetrics::DurationBounds().size() + 1);
  traffic.batch_rows.resize(ModelMetrics::RowBounds().size() + 1);
  return traffic;
}

void AddEach(const std::vector<std::int64_t>& from, std::vector<std::int64_t>& into) {
  for (std::size_t i = 0; i < std::min(from.size(), into.size()); ++i) into[i] += from[i];
}

void Clear(Traffic& traffic) {
  std::fill(traffic.request_durations.begin(), traffic.request_durations.end(), 0);
  std::fill(traffic.batch_rows.begin(), traffic.batch_rows.end(), 0);
  traffic.refused.fill(0);
  traffic.seconds = 0;
  traffic.requests = traffic.errors = 0;
}

std::vector<std::int64_t> More(const std::vector<std::int64_t>& now,
                               const std::vector<std::int64_t>& before) {
  std::vector<std::int64_t> more = now;
  for (std::size_t i = 0; i < std::min(now.size(), before.size()); ++i) more[i] -= before[i];
  return more;
}

}  // namespace

std::int64_t Traffic::Refused() const {
  return std::accumulate(refused.begin(), refused.end(), std::int64_t{0});
}

double Traffic::RequestsPerSecond() const {
  return seconds > 0 ? static_cast<double>(requests) / seconds : kUnknown;
}

double Traffic::RefusedPerSecond() const {
  return seconds > 0 ? static_cast<double>(Refused()) / seconds : kUnknown;
}

double Traffic::DurationQuantile(double quantile) const {
  const ModelMetrics::Bounds bounds = ModelMetrics::DurationBounds();
  const auto all = static_cast<double>(
      std::accumulate(request_durations.begin(), request_durations.end(), std::int64_t{0}));
  if (all == 0) return kUnknown;
  const double rank = quantile * all;
  double below = 0;
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    const auto here = static_cast<double>(request_durations[i]);
    if (here > 0 && below + here >= rank) {
      const double from = i == 0 ? 0.0 : bounds[i - 1];
      return from + (bounds[i] - from) * (rank - below) / here;
    }
    below += here;
  }
  return bounds.back();  // in the open-ended bucket there is no upper bound to interpolate to
}

void Traffic::Add(const Traffic& other) {
  seconds += other.seconds;
  requests += other.requests;
  errors += other.errors;
  for (std::size_t i = 0; i < refused.size(); ++i) refused[i] += other.refused[i];
  AddEach(other.request_durations, request_durations);
  AddEach(other.batch_rows, batch_rows);
}

Traffic Difference(const TrafficSums& now, const TrafficSums& before, double seconds) {
  Traffic more;
  more.seconds = seconds;
  more.requests = now.requests - before.requests;
  more.errors = now.errors - before.errors;
  for (std::size_t i = 0; i < more.refused.size(); ++i) {
    more.refused[i] = now.refused[i] - before.refused[i];
  }
  more.request_durations = More(now.request_durations, before.request_durations);
  more.batch_rows = More(now.batch_rows, before.batch_rows);
  return more;
}

TrafficRing::TrafficRing(std::size_t slots, std::chrono::seconds span)
    : span_(span), unknown_(NoTraffic()), slots_(slots, {-1, unknown_}) {}

std::int64_t TrafficRing::SpanOf(std::chrono::steady_clock::time_point time) const {
  return time.time_since_epoch() / span_;
}

void TrafficRing::Add(const Traffic& traffic, std::chrono::steady_clock::time_point now) {
  const std::int64_t span = SpanOf(now);
  Slot& slot = slots_[static_cast<std::size_t>(span) % slots_.size()];
  if (slot.span != span) {
    Clear(slot.traffic);
    slot.span = span;
  }
  slot.traffic.Add(traffic);
}

const Traffic& TrafficRing::At(std::size_t spans_ago,
                               std::chrono::steady_clock::time_point now) const {
  const std::int64_t span = SpanOf(now) - static_cast<std::int64_t>(spans_ago);
  if (span < 0) return unknown_;
  const Slot& slot = slots_[static_cast<std::size_t>(span) % slots_.size()];
  return slot.span == span ? slot.traffic : unknown_;
}

Traffic TrafficRing::Sum(std::chrono::steady_clock::time_point now) const {
  Traffic sum = unknown_;
  for (std::size_t ago = 0; ago < slots_.size(); ++ago) sum.Add(At(ago, now));
  return sum;
}

}  // namespace mlp
