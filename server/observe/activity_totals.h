// What the layers of one served model have done since it was loaded, and over the last full window.
// Definitions of every quantity: docs/reference/saturation.md.

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

// Figures of one full window, over its finite activations. Means and shares are NaN if there were
// none.
struct LayerFigures {
  std::int64_t dead_units = 0;
  std::int64_t one_signed_units = 0;
  double mean = 0.0;  // of a
  // abs(mean) / rms of a: 0 is centred, towards 1 is one-signed; 0 if every activation was 0.
  double zero_centredness = 0.0;
  double gradient_gain = 0.0;  // mean of |f'(z)|
  double lower_share = 0.0;    // share of the activations in the lower tail
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

// What a judge reads about a layer's units. All empty if the activation is not element-wise.
struct UnitSums {
  std::vector<double> values;            // sums of a = f(z) over the finite activations
  std::vector<double> slopes;            // sums of |f'(z)| over the same rows
  std::vector<std::int64_t> non_finite;  // rows with an a that is NaN or infinite
};

struct ActivitySubWindow {
  // Sets every sum to zero and keeps the memory.
  void Clear();

  std::int64_t rows = 0;
  std::vector<UnitSums> layers;  // one for each layer of the network
};

using FinishedActivityWindow = FinishedWindow<ActivitySubWindow>;

// Thread-safe: serving threads add, the metrics read. Rows are kept here with the counts, so a
// reader sees both after the same batches.
class ActivityTotals final {
 public:
  // Steady: setting the system clock neither ends a window nor keeps it open.
  using Clock = std::chrono::steady_clock;

  ActivityTotals(std::shared_ptr<const Network> network, ActivityWindow window,
                 Clock::time_point now);

  // Adds the activity of one batch of `rows` rows. Holds the lock for a few additions per unit.
  void Add(std::int64_t rows, const NetworkActivity& activity, Clock::time_point now)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends the window first if its age requires it.
  ActivitySummary Read(Clock::time_point now) ABSL_LOCKS_EXCLUDED(mutex_);

  // Starts or stops keeping windows for a judge. They end when those of Read do. A window that ends
  // while another is still waiting replaces it. Calling this again starts a new window.
  void SetJudged(bool judged, Clock::time_point now) ABSL_LOCKS_EXCLUDED(mutex_);

  // Takes the window that is waiting for the judge; false if there is none. The contents of
  // `window` are lost either way: its memory is reused, so taking into the same window again
  // allocates nothing.
  bool TakeWindow(Clock::time_point now, FinishedActivityWindow& window)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // The most rows in a window.
  std::int64_t window_rows() const { return window_.rows; }

  // The most rows that a thread may hold back without making windows, or their parts, too long.
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
  // The window being filled.
  NetworkActivity current_ ABSL_GUARDED_BY(mutex_);
  std::int64_t window_rows_ ABSL_GUARDED_BY(mutex_) = 0;
  Clock::time_point window_start_ ABSL_GUARDED_BY(mutex_);
  JudgedWindow<ActivitySubWindow> judged_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_ACTIVITY_TOTALS_H_
