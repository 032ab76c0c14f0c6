// What one model version answered in the latest spans of time, in fixed memory: a slot for each
// span, as long as all others.

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

// What came in some time.
struct Traffic {
  double seconds = 0;  // that were looked at; 0 where nothing is known
  std::int64_t requests = 0;
  std::int64_t errors = 0;
  std::array<std::int64_t, kRejectionReasons> refused{};
  std::vector<std::int64_t> request_durations;  // by bucket, as TrafficSums has them
  std::vector<std::int64_t> batch_rows;

  std::int64_t Refused() const;
  double RequestsPerSecond() const;  // NaN where nothing is known
  double RefusedPerSecond() const;
  // In seconds, between the bounds of the bucket as Prometheus' histogram_quantile has it; NaN
  // where nothing was answered.
  double DurationQuantile(double quantile) const;

  void Add(const Traffic& other);
};

// What `now` has more than `before`.
Traffic Difference(const TrafficSums& now, const TrafficSums& before, double seconds);

// Not thread-safe. Allocates when it is made.
class TrafficRing final {
 public:
  // The latest `slots` spans, each of `span`.
  TrafficRing(std::size_t slots, std::chrono::seconds span);

  // Adds what came until `now`, at most a span's time.
  void Add(const Traffic& traffic, std::chrono::steady_clock::time_point now);

  // Of the span that is `spans_ago` before that of `now`; all zero where nothing is known.
  const Traffic& At(std::size_t spans_ago, std::chrono::steady_clock::time_point now) const;

  // Of all spans.
  Traffic Sum(std::chrono::steady_clock::time_point now) const;

 private:
  struct Slot {
    std::int64_t span = -1;
    Traffic traffic;
  };

  std::int64_t SpanOf(std::chrono::steady_clock::time_point time) const;

  const std::chrono::seconds span_;
  const Traffic unknown_;
  std::vector<Slot> slots_;  // that of span n is n modulo their number
};

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_TRAFFIC_RING_H_
