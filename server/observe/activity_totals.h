// What the layers of one served model did since it was loaded, and over the last full window.
// Definitions of every quantity: docs/saturation.md.

#ifndef MLP_SERVER_OBSERVE_ACTIVITY_TOTALS_H_
#define MLP_SERVER_OBSERVE_ACTIVITY_TOTALS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "model/evaluator/layer_activity.h"
#include "model/network.h"

namespace mlp {

// When a window ends: with `rows` rows, or after `age` once it has the fewest rows that dead units
// are told from.
struct ActivityWindow {
  static constexpr std::int64_t kFewestRows = 1'000;

  std::int64_t rows = 10'000;
  absl::Duration age = absl::Seconds(60);
};

// Sums since the model was loaded.
struct LayerCounts {
  std::int64_t activations = 0;  // rows x units
  std::int64_t lower_tail = 0;
  std::int64_t upper_tail = 0;
  std::int64_t non_finite = 0;
};

// Figures of one full window.
struct LayerFigures {
  std::int64_t dead_units = 0;
  double mean = 0.0;              // of a
  double zero_centredness = 0.0;  // abs(mean) / rms of a: 0 centred, 1 one-signed
  double gradient_gain = 0.0;     // mean of |f'(z)|
};

struct LayerSummary {
  LayerCounts counts;
  std::optional<LayerFigures> window;  // none before the first window is full
};

// Thread-safe: the serving threads add, the metrics read.
class ActivityTotals final {
 public:
  ActivityTotals(std::shared_ptr<const Network> network, ActivityWindow window, absl::Time now);

  // Adds what one batch did. The lock is held for a few additions a unit.
  void Add(const NetworkActivity& activity, absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);

  // One entry for each layer of the network. Ends a window that is due by its age.
  std::vector<LayerSummary> Read(absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void EndWindowIfDue(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::shared_ptr<const Network> network_;
  const ActivityWindow window_;

  absl::Mutex mutex_;
  std::vector<LayerSummary> summaries_ ABSL_GUARDED_BY(mutex_);
  NetworkActivity current_ ABSL_GUARDED_BY(mutex_);  // the window that is being filled
  absl::Time window_start_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_ACTIVITY_TOTALS_H_
