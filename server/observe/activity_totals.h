// What the layers of one served model did since it was loaded, and over the last full window.
// Definitions of every quantity: docs/saturation.md.

#ifndef MLP_SERVER_OBSERVE_ACTIVITY_TOTALS_H_
#define MLP_SERVER_OBSERVE_ACTIVITY_TOTALS_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "model/evaluator/layer_activity.h"
#include "model/network.h"

namespace mlp {

// When a window ends: with `rows` rows, or after `age` once it has kFewestRows, from which on dead
// units can be told.
struct ActivityWindow {
  static constexpr std::int64_t kFewestRows = 1'000;
  // The least that `rows` may be: drift can be told of so many.
  static constexpr std::int64_t kLeastRows = 200;

  std::int64_t rows = 10'000;
  std::chrono::steady_clock::duration age = std::chrono::seconds(60);
};

// Sums since the model was loaded.
struct LayerCounts {
  std::int64_t activations = 0;  // rows x units
  std::int64_t lower_tail = 0;
  std::int64_t upper_tail = 0;
  std::int64_t non_finite = 0;
};

// Figures of one full window, over its activations that are finite. The means are NaN where none of
// them was.
struct LayerFigures {
  std::int64_t dead_units = 0;
  double mean = 0.0;  // of a
  // abs(mean) / rms of a: 0 centred, towards 1 one-signed; 0 where every activation was 0.
  double zero_centredness = 0.0;
  double gradient_gain = 0.0;  // mean of |f'(z)|
};

struct LayerSummary {
  LayerCounts counts;
  std::optional<LayerFigures> window;  // none before the first window is full
};

struct ActivitySummary {
  std::int64_t rows = 0;             // evaluated since the model was loaded
  std::vector<LayerSummary> layers;  // one for each layer of the network
};

// Thread-safe: the serving threads add, the metrics read. The rows are kept here beside the counts,
// so that a reader finds both after the same batches.
class ActivityTotals final {
 public:
  // Steady, so that setting the machine's time neither ends a window nor keeps it open.
  using Clock = std::chrono::steady_clock;

  ActivityTotals(std::shared_ptr<const Network> network, ActivityWindow window,
                 Clock::time_point now);

  // Adds what one batch of `rows` rows did. The lock is held for a few additions a unit.
  void Add(std::int64_t rows, const NetworkActivity& activity, Clock::time_point now)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends a window that is due by its age, and gives all there is.
  ActivitySummary Read(Clock::time_point now) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void EndWindowIfDue(Clock::time_point now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::shared_ptr<const Network> network_;
  const ActivityWindow window_;

  std::mutex mutex_;
  ActivitySummary summary_ ABSL_GUARDED_BY(mutex_);
  // The window that is being filled.
  NetworkActivity current_ ABSL_GUARDED_BY(mutex_);
  std::int64_t window_rows_ ABSL_GUARDED_BY(mutex_) = 0;
  Clock::time_point window_start_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_ACTIVITY_TOTALS_H_
