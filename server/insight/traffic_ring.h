// The traffic of one model version in the latest time spans, in fixed memory: one slot per span,
// all of equal length.

#ifndef MLP_SERVER_INSIGHT_TRAFFIC_RING_H_
#define MLP_SERVER_INSIGHT_TRAFFIC_RING_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "server/batching/rejection_reason.h"
#include "server/observe/model_metrics.h"

namespace mlp {

// The traffic in a period of time.
struct Traffic {
  double seconds = 0;  // observed; 0 if nothing is known
  std::int64_t requests = 0;
  std::int64_t errors = 0;
  std::array<std::int64_t, kRejectionReasons> refused{};
  std::vector<std::int64_t> request_durations;  // by bucket, as in TrafficSums
  std::vector<std::int64_t> batch_rows;

  std::int64_t Refused() const;
  double RequestsPerSecond() const;  // NaN if nothing is known
  double RefusedPerSecond() const;
  // In seconds, interpolated within the bucket like Prometheus' histogram_quantile; NaN if nothing
  // was answered.
  double DurationQuantile(double quantile) const;

  void Add(const Traffic& other);
};

// The traffic in `now` that is not in `before`.
Traffic Difference(const TrafficSums& now, const TrafficSums& before, double seconds);

// Not thread-safe. Allocates only on construction.
class TrafficRing final {
 public:
  // Keeps the latest `slots` spans of length `span`.
  TrafficRing(std::size_t slots, std::chrono::seconds span);

  // Adds the traffic up to `now`, which covers at most one span.
  void Add(const Traffic& traffic, std::chrono::steady_clock::time_point now);

  // The span that is `spans_ago` spans before that of `now`; all zero if nothing is known.
  const Traffic& At(std::size_t spans_ago, std::chrono::steady_clock::time_point now) const;

  // The sum over all spans.
  Traffic Sum(std::chrono::steady_clock::time_point now) const;

 private:
  struct Slot {
    std::int64_t span = -1;
    Traffic traffic;
  };

  std::int64_t SpanOf(std::chrono::steady_clock::time_point time) const;

  const std::chrono::seconds span_;
  const Traffic unknown_;
  std::vector<Slot> slots_;  // span n is in slot n modulo their number
};

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_TRAFFIC_RING_H_
