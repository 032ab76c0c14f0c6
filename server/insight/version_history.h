// What insight has of one version that is served: its last hour, and the sums that the next look
// goes on from. It outlives a reload of the version, and goes when that is served no more.

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

// Not thread-safe. Before the first request it is a few words: thousands of models may wait.
class VersionHistory final {
 public:
  using Clock = std::chrono::steady_clock;

  // What is counted before `now` belongs to no minute.
  VersionHistory(const TrafficSums& sums, Clock::time_point now);

  // The version was loaded, again or for the first time: its layers count from zero, and there are
  // `targets` of drift.
  void BeginLoad(std::size_t layers, std::size_t targets);

  // Takes what there is by now; `watched` since the load.
  void Add(const TrafficSums& sums, const ActivitySummary& activity, const WatchedRows& watched,
           Clock::time_point now);

  // Nothing came since the last look.
  void AddNothing(Clock::time_point now);

  // A window of a target was judged.
  void AddRatio(std::size_t target, double ratio, Clock::time_point now);

  // Something happened that belongs beside the figures.
  void Mark(std::string what, Clock::time_point now);

  // Requests and rows up to the last look, by which a change is seen.
  std::int64_t requests() const { return sums_.requests; }
  const TrafficSums& sums() const { return sums_; }
  std::int64_t rows() const { return activity_.rows; }

  const ActivitySummary& activity() const { return activity_; }

  // Sets the figures of traffic, their series, the histograms and the marks.
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
    TrafficRing recent;  // the last minute
  };
  static constexpr std::chrono::seconds kRecentSpan{10};
  static constexpr std::size_t kMostEvents = 32;

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
