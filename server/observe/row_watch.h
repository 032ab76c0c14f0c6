// Watches the inputs and outputs of evaluated rows: how far the inputs are from a reference, which
// classes are predicted, and how confident the network is.
//
// Each thread has a ThreadWatch, which adds to the load's shared RowWatch. Where watching every
// batch would cost too much, one batch in k is watched (watch_interval.h), chosen at random:
// otherwise a client that repeats a sequence of requests could have the same rows watched each
// time. Definitions: docs/reference/drift.md.

#ifndef MLP_SERVER_OBSERVE_ROW_WATCH_H_
#define MLP_SERVER_OBSERVE_ROW_WATCH_H_

#include <prometheus/client_metric.h>
#include <prometheus/histogram.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/types/span.h"
#include "model/drift/kernels/value_kernel.h"
#include "model/drift/output_form.h"
#include "model/evaluator/evaluator.h"
#include "server/observe/activity_window.h"
#include "server/observe/judged_window.h"
#include "server/observe/row_sample.h"
#include "server/observe/share_counts.h"
#include "server/observe/shown_classes.h"
#include "server/observe/watch_interval.h"
#include "server/observe/watch_reference.h"
#include "server/observe/watch_sums.h"

namespace mlp {

class ThreadWatch;

// Windows of watched rows.
using FinishedWatchWindow = FinishedWindow<WatchSums>;

// Totals since the load.
struct WatchSummary {
  WatchSums sums;              // without the sums of single values
  bool has_reference = false;  // if false, no row is out of range
  std::vector<ShownClass> classes;
  prometheus::ClientMetric confidence;  // histograms
  prometheus::ClientMetric entropy;
};

// Thread-safe.
class RowWatch final {
 public:
  using Clock = std::chrono::steady_clock;

  RowWatch(const Evaluator& evaluator, ActivityWindow window, Clock::time_point now);
  RowWatch(const RowWatch&) = delete;
  RowWatch& operator=(const RowWatch&) = delete;

  const OutputForm& form() const { return form_; }
  const WatchInterval& interval() const { return interval_; }
  RowSample& sample() { return sample_; }

  // Sets the reference that inputs are compared with; null for none. It must fit the watched
  // network. Windows restart. Rows that a thread is watching now may still count under the old
  // reference.
  void SetReference(std::shared_ptr<const WatchReference> reference, Clock::time_point now)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Sets the names of the classes. If empty, classes are named by number.
  void SetClassNames(std::vector<std::string> names) ABSL_LOCKS_EXCLUDED(mutex_);

  WatchSummary Read() const ABSL_LOCKS_EXCLUDED(mutex_);

  // The classes that have their own series.
  std::vector<ShownClass> ShownClasses() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Like ActivityTotals::SetJudged, but has no effect if `judged` is unchanged. Windows have only
  // rows that were watched under the current reference.
  void SetJudged(bool judged, Clock::time_point now) ABSL_LOCKS_EXCLUDED(mutex_);
  bool TakeWindow(Clock::time_point now, FinishedWatchWindow& window) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  friend class ThreadWatch;

  // Adds the counts of `thread`.
  void Add(ThreadWatch& thread, Clock::time_point now) ABSL_LOCKS_EXCLUDED(mutex_);
  void ChooseClasses() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::vector<std::int64_t> widths_;  // values per row of each input
  const std::int64_t input_values_;
  const OutputForm form_;
  const double inverse_most_entropy_;
  const WatchInterval interval_;
  const ValueKernel& kernel_;
  RowSample sample_;
  prometheus::Histogram confidence_;
  prometheus::Histogram entropy_;

  // Incremented with each reference, so a thread sees without a lock whether its own is current.
  std::atomic<std::uint64_t> reference_number_{0};
  mutable std::mutex mutex_;
  std::shared_ptr<const WatchReference> reference_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> class_names_ ABSL_GUARDED_BY(mutex_);
  std::vector<ShownClass> classes_ ABSL_GUARDED_BY(mutex_);
  WatchSums totals_ ABSL_GUARDED_BY(mutex_);
  JudgedWindow<WatchSums> judged_ ABSL_GUARDED_BY(mutex_);
};

// What one thread watches. Belongs to that thread.
class ThreadWatch final {
 public:
  explicit ThreadWatch(std::shared_ptr<RowWatch> watch);

  // Watches a batch of `rows` > 0 rows if it is due. `inputs` are all inputs of the network, each
  // [rows, its width]. `outputs` is the output that RowWatch::form() describes. Allocates nothing.
  void Look(std::int64_t rows, absl::Span<const float* const> inputs, const float* outputs);

  // The index of the network's output to watch.
  std::size_t output() const { return watch_->form().output; }

  // Adds the counts to the RowWatch and resets them.
  void AddUp(RowWatch::Clock::time_point now);

 private:
  friend class RowWatch;

  void TakeReference();
  void WatchInputs(std::int64_t rows, std::int64_t first_row,
                   absl::Span<const float* const> inputs);
  void CountFaults(std::int64_t row, absl::Span<const float* const> inputs);
  void WatchOutputs(std::int64_t rows, const float* outputs);
  std::optional<Prediction> PredictionBy(const RowScores& scores, bool probabilities,
                                         const float* outputs) const;
  void Count(const std::optional<Prediction>& prediction);

  const std::shared_ptr<RowWatch> watch_;
  // The number of batches until the next watched one, if one in k is: 1 to 2k − 1, k on average.
  std::int64_t GapAt(std::int64_t k) const {
    return 1 + std::llround(gap_ * static_cast<double>(k - 1));
  }

  // Batches since the last watched one. Starts high so that the first batch is watched.
  std::int64_t batches_ = std::numeric_limits<std::int64_t>::max() / 2;
  std::int64_t last_rows_ = 0;
  std::int64_t last_gap_ = 1;  // for batches of last_rows_ rows
  std::minstd_rand random_;
  double gap_ = 0.0;  // in [0, 2)
  std::uint64_t reference_number_ = 0;
  std::shared_ptr<const WatchReference> reference_;
  WatchSums sums_;
  ShareCounts confidence_;
  ShareCounts entropy_;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_ROW_WATCH_H_
