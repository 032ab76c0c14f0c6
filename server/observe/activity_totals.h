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
#include "server/observe/activity_window.h"
#include "server/observe/judged_window.h"

namespace mlp {

// Sums since the model was loaded.
struct LayerCounts {
  std::int64_t activations = 0;  // rows x units
  std::int64_t lower_tail = 0;
  std::int64_t upper_tail = 0;
  std::int64_t non_finite = 0;
};

// Figures of one full window, over its activations that are finite. Means and shares are NaN where
// none of them was.
struct LayerFigures {
  std::int64_t dead_units = 0;
  std::int64_t one_signed_units = 0;
  double mean = 0.0;  // of a
  // abs(mean) / rms of a: 0 centred, towards 1 one-signed; 0 where every activation was 0.
  double zero_centredness = 0.0;
  double gradient_gain = 0.0;  // mean of |f'(z)|
  double lower_share = 0.0;    // of the activations, those in the lower tail
  double upper_share = 0.0;
};

struct LayerSummary {
  LayerCounts counts;
  std::optional<LayerFigures> window;  // none before the first window is full
};

struct ActivitySummary {
  std::int64_t rows = 0;             // evaluated since the model was loaded
  std::vector<LayerSummary> layers;  // one for each layer of the network
};

// What a judge reads of the units of a layer; all empty where its activation is not element-wise.
struct UnitSums {
  std::vector<double> values;            // of a = f(z) where that is finite
  std::vector<double> slopes;            // of |f'(z)|, of the same rows
  std::vector<std::int64_t> non_finite;  // rows with an a that is NaN or infinite
};

struct ActivitySubWindow {
  // Sets all to zero and keeps the memory.
  void Clear();

  std::int64_t rows = 0;
  std::vector<UnitSums> layers;  // one for each layer of the network
};

using FinishedActivityWindow = FinishedWindow<ActivitySubWindow>;

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

  // Keeps windows for a judge from now on, or no longer. They end as those of Read do; one that
  // ends while another one waits takes its place. A second call begins with a window of its own.
  void SetJudged(bool judged, Clock::time_point now) ABSL_LOCKS_EXCLUDED(mutex_);

  // Gives the window that waits for the judge; false where there is none. What `window` holds is
  // lost in both cases: its memory is taken in exchange, so that keeping one and taking into it
  // again allocates nothing.
  bool TakeWindow(Clock::time_point now, FinishedActivityWindow& window)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // The rows of a window at most.
  std::int64_t window_rows() const { return window_.rows; }

  // The rows that a thread may keep back without making windows, or their parts, too long.
  std::int64_t most_rows_kept_back() const { return window_.Part(kSubWindows).rows; }

 private:
  ActivitySubWindow EmptySubWindow() const;
  void AddToJudged(std::int64_t rows, const NetworkActivity& activity, Clock::time_point now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EndWindowIfDue(Clock::time_point now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::shared_ptr<const Network> network_;
  const ActivityWindow window_;

  std::mutex mutex_;
  ActivitySummary summary_ ABSL_GUARDED_BY(mutex_);
  // The window that is being filled.
  NetworkActivity current_ ABSL_GUARDED_BY(mutex_);
  std::int64_t window_rows_ ABSL_GUARDED_BY(mutex_) = 0;
  Clock::time_point window_start_ ABSL_GUARDED_BY(mutex_);
  JudgedWindow<ActivitySubWindow> judged_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_ACTIVITY_TOTALS_H_
