// The state of one version's layers in each of the last minutes, in fixed memory.

#ifndef MLP_SERVER_INSIGHT_LAYER_RING_H_
#define MLP_SERVER_INSIGHT_LAYER_RING_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "server/insight/status.h"
#include "server/observe/activity_totals.h"

namespace mlp {

// Counts of watched rows.
struct WatchedRows {
  std::int64_t rows = 0;
  std::int64_t out_of_range = 0;
  std::int64_t missing = 0;
  std::int64_t not_finite = 0;
};

// Not thread-safe. Allocates only on construction.
class LayerRing final {
 public:
  using Clock = std::chrono::steady_clock;

  // For `layers` layers of the network and `targets` drift targets.
  LayerRing(std::size_t layers, std::size_t targets);

  // Adds the layers' counts up to `now`, one entry per layer.
  void Add(const std::vector<LayerCounts>& more, Clock::time_point now);

  void AddRows(const WatchedRows& more, Clock::time_point now);

  // The sum over all minutes.
  WatchedRows RowsOfHour(Clock::time_point now) const;

  // Records the ratio of a judged window. Each minute keeps its greatest ratio.
  void AddRatio(std::size_t target, double ratio, Clock::time_point now);

  // The shares of activations in the tails, and the drift ratios; NaN where unknown.
  MinuteSeries Lower(std::size_t layer, Clock::time_point now) const;
  MinuteSeries Upper(std::size_t layer, Clock::time_point now) const;
  MinuteSeries Ratios(std::size_t target, Clock::time_point now) const;

 private:
  struct Shares {
    std::int64_t activations = 0;
    std::int64_t lower = 0;
    std::int64_t upper = 0;
  };
  struct Slot {
    std::int64_t minute = -1;
    std::vector<Shares> layers;
    std::vector<float> ratios;
    WatchedRows rows;
  };

  Slot& SlotAt(Clock::time_point now);
  template <typename Figure>
  MinuteSeries Series(Clock::time_point now, const Figure& figure) const;

  std::vector<Slot> slots_;  // minute n is in slot n modulo their number
};

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_LAYER_RING_H_
