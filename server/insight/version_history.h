// Insight's record of one served version: its last hour, and the sums that the next look starts
// from. It survives a reload of the version and is dropped when the version is no longer served.

#ifndef MLP_SERVER_INSIGHT_VERSION_HISTORY_H_
#define MLP_SERVER_INSIGHT_VERSION_HISTORY_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/insight/layer_ring.h"
#include "server/insight/status.h"
#include "server/insight/traffic_ring.h"
#include "server/observe/activity_totals.h"
#include "server/observe/model_metrics.h"

namespace mlp {

// Not thread-safe. Stays small until the first request: there may be thousands of idle models.
class VersionHistory final {
 public:
  using Clock = std::chrono::steady_clock;

  // Counts from before `now` are attributed to no minute.
  VersionHistory(const TrafficSums& sums, Clock::time_point now);

  // Call after each load of the version. Its layers count from zero, and it has `targets` drift
  // targets.
  void BeginLoad(std::size_t layers, std::size_t targets);

  // Adds the counts so far; `watched` counts since the load.
  void Add(const TrafficSums& sums, const ActivitySummary& activity, const WatchedRows& watched,
           Clock::time_point now);

  // Adds the time since the last look, in which nothing arrived.
  void AddNothing(Clock::time_point now);

  // Records the ratio of a judged window.
  void AddRatio(std::size_t target, double ratio, Clock::time_point now);

  // Records an event to show with the figures.
  void Mark(std::string what, Clock::time_point now);

  // Requests and rows up to the last look, to detect changes.
  std::int64_t requests() const { return sums_.requests; }
  const TrafficSums& sums() const { return sums_; }
  std::int64_t rows() const { return activity_.rows; }

  const ActivitySummary& activity() const { return activity_; }

  // Sets the traffic figures, their series, the histograms and the marks.
  void FillTraffic(StatusModel& model, Clock::time_point now) const;

  // Null before the first request of this load.
  const LayerRing* layers() const { return layers_ ? &*layers_ : nullptr; }

 private:
  struct Event {
    std::string what;
    Clock::time_point when;
  };
  struct Rings {
    explicit Rings() : minutes(kStatusMinutes, std::chrono::minutes(1)), recent(6, kRecentSpan) {}

    TrafficRing minutes;
    TrafficRing recent;  // over the last minute
  };
  static constexpr std::chrono::seconds kRecentSpan{10};
  static constexpr std::size_t kMaxEvents = 32;

  Rings& rings(Clock::time_point now);
  LayerRing& layer_ring();

  const Clock::time_point known_since_;
  Clock::time_point last_look_;
  TrafficSums sums_;
  ActivitySummary activity_;
  WatchedRows watched_;
  std::size_t layer_count_ = 0;
  std::size_t target_count_ = 0;
  std::optional<Rings> rings_;  // from the first request on
  std::optional<LayerRing> layers_;
  std::vector<Event> events_;
};

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_VERSION_HISTORY_H_
