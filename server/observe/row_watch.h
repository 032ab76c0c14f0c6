// Looks at the inputs and outputs of rows that were evaluated: how far the inputs are from a
// reference, which classes are predicted, and how sure the network is.
//
// Each thread has a ThreadWatch, which adds to the RowWatch of the load that all of them share.
// Where looking would cost more than little, one batch in k is watched (watch_interval.h), at
// random: clients that ask the same rows over and over would else have the same ones looked at each
// time. Definitions: docs/drift.md.

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

// Of windows of watched rows.
using FinishedWatchWindow = FinishedWindow<WatchSums>;

// Since the load.
struct WatchSummary {
  WatchSums sums;              // without those of single values
  bool has_reference = false;  // without one, no row is out of range
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

  // What inputs are compared with from now on; null: with nothing. Of the watched network. Windows
  // begin anew; rows that a thread is looking at may still count as before.
  void SetReference(std::shared_ptr<const WatchReference> reference, Clock::time_point now)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // The names of the classes, none for their numbers.
  void SetClassNames(std::vector<std::string> names) ABSL_LOCKS_EXCLUDED(mutex_);

  WatchSummary Read() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Those with a series of their own.
  std::vector<ShownClass> ShownClasses() const ABSL_LOCKS_EXCLUDED(mutex_);

  // As ActivityTotals has it, of rows that were watched under the reference in force.
  void SetJudged(bool judged, Clock::time_point now) ABSL_LOCKS_EXCLUDED(mutex_);
  bool TakeWindow(Clock::time_point now, FinishedWatchWindow& window) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  friend class ThreadWatch;

  // Adds what `thread` counted, which begins at zero again.
  void Add(ThreadWatch& thread, Clock::time_point now) ABSL_LOCKS_EXCLUDED(mutex_);
  void ChooseClasses() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::vector<std::int64_t> widths_;  // of the inputs
  const std::int64_t input_values_;
  const OutputForm form_;
  const double inverse_most_entropy_;
  const WatchInterval interval_;
  const ValueKernel& kernel_;
  RowSample sample_;
  prometheus::Histogram confidence_;
  prometheus::Histogram entropy_;

  // Counts the references, so that a thread sees without a lock whether it has the last one.
  std::atomic<std::uint64_t> reference_number_{0};
  mutable std::mutex mutex_;
  std::shared_ptr<const WatchReference> reference_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> class_names_ ABSL_GUARDED_BY(mutex_);
  std::vector<ShownClass> classes_ ABSL_GUARDED_BY(mutex_);
  WatchSums totals_ ABSL_GUARDED_BY(mutex_);
  JudgedWindow<WatchSums> judged_ ABSL_GUARDED_BY(mutex_);
};

// What one thread looked at. Belongs to that thread.
class ThreadWatch final {
 public:
  explicit ThreadWatch(std::shared_ptr<RowWatch> watch);

  // Looks at a batch of `rows` > 0 rows, if it is its turn: `inputs` are all of the network's, each
  // [rows, its width], and `outputs` is that of RowWatch::form(). Allocates nothing.
  void Look(std::int64_t rows, absl::Span<const float* const> inputs, const float* outputs);

  // The output to look at, an index into the network's.
  std::size_t output() const { return watch_->form().output; }

  // Gives what it has counted to the RowWatch.
  void AddUp(RowWatch::Clock::time_point now);

 private:
  friend class RowWatch;

  void TakeReference();
  void LookAtInputs(std::int64_t rows, std::int64_t first_row,
                    absl::Span<const float* const> inputs);
  void CountFaults(std::int64_t row, absl::Span<const float* const> inputs);
  void LookAtOutputs(std::int64_t rows, const float* outputs);
  std::optional<Prediction> PredictionBy(const RowScores& scores, bool probabilities,
                                         const float* outputs) const;
  void Count(const std::optional<Prediction>& prediction);

  const std::shared_ptr<RowWatch> watch_;
  // The batches from one that was watched to the next where one in k is: 1 to 2k − 1, k on average.
  std::int64_t GapAt(std::int64_t k) const {
    return 1 + std::llround(gap_ * static_cast<double>(k - 1));
  }

  // Since the last one that was watched; the first one is.
  std::int64_t batches_ = std::numeric_limits<std::int64_t>::max() / 2;
  std::int64_t last_rows_ = 0;
  std::int64_t last_gap_ = 1;  // for batches of so many rows
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
