// What the threads that evaluate one model count, each for itself in memory that it has alone.
// Whoever reads the model's sums adds up first. So a batch takes one lock that nobody contends for,
// however many requests and units it has.

#ifndef MLP_SERVER_OBSERVE_THREAD_COUNTS_H_
#define MLP_SERVER_OBSERVE_THREAD_COUNTS_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "model/evaluator/layer_activity.h"
#include "server/batching/batch.h"
#include "server/linked_list.h"
#include "server/observe/activity_totals.h"
#include "server/observe/histogram_counts.h"
#include "server/observe/model_metrics.h"
#include "server/observe/model_statistics.h"
#include "server/observe/row_watch.h"

namespace mlp {

class ThreadCounts;

// The sums of one load of a model version, and the threads that have counts to add to them.
// Thread-safe.
class ModelSums final {
 public:
  using Clock = ActivityTotals::Clock;

  ModelSums(std::shared_ptr<ModelMetrics> metrics, std::shared_ptr<ActivityTotals> activity,
            std::shared_ptr<ModelStatistics> statistics, std::shared_ptr<RowWatch> watch)
      : metrics_(std::move(metrics)),
        activity_(std::move(activity)),
        statistics_(std::move(statistics)),
        watch_(std::move(watch)) {}
  ModelSums(const ModelSums&) = delete;
  ModelSums& operator=(const ModelSums&) = delete;

  // Adds what all threads have counted so far, each up to its last batch: waits for batches that
  // are under way.
  void AddUp(Clock::time_point now) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  friend class ThreadCounts;

  const std::shared_ptr<ModelMetrics> metrics_;
  const std::shared_ptr<ActivityTotals> activity_;
  const std::shared_ptr<ModelStatistics> statistics_;
  const std::shared_ptr<RowWatch> watch_;
  std::mutex mutex_;  // before that of a thread's counts
  LinkedList<ThreadCounts> threads_ ABSL_GUARDED_BY(mutex_);
};

// The counts of one thread. Belongs to that, but for what ModelSums does.
class ThreadCounts final : public LinkedList<ThreadCounts>::Entry {
 public:
  // Rows that a thread counts before it adds them itself, where nobody asks; fewer where windows
  // are short. A window of activations ends by rows that have been added.
  static constexpr std::int64_t kMostRows = 512;

  // `network` is what `sums` is of.
  ThreadCounts(std::shared_ptr<ModelSums> sums, const Network& network);
  // Adds the rest.
  ~ThreadCounts();

  // One batch: made before its evaluation, and gone before any of its answers leaves, so that
  // whoever has an answer finds it counted.
  class Batch final {
   public:
    explicit Batch(ThreadCounts& counts) : counts_(counts), lock_(counts.mutex_) {}

    // Where the evaluator adds what the activations do.
    NetworkActivity& activity() { return counts_.activity_; }

    // Looks at its rows, which were evaluated, if it is their turn (row_watch.h).
    void Watch(const mlp::Batch& batch) {
      counts_.watch_.Look(batch.rows(), batch.inputs(), batch.Output(counts_.watch_.output(), 0));
    }

    // Counts it. Throws bad_alloc, and has counted nothing then.
    void Count(std::int64_t rows, const BatchTimes& times, const AnsweredRequests& answered,
               std::chrono::system_clock::time_point now);

    // Counts a request that is answered out of it, after Count.
    void CountRequest(std::chrono::duration<double> total, std::chrono::duration<double> queue) {
      counts_.request_durations_.Observe(total.count());
      counts_.queue_durations_.Observe(queue.count());
    }

    // Adds up where that is due. After all requests.
    void End(ModelSums::Clock::time_point now);

   private:
    ThreadCounts& counts_;
    const std::lock_guard<std::mutex> lock_;
  };

 private:
  friend class ModelSums;

  // What was counted goes to the sums. The lock is held.
  void Add(ModelSums::Clock::time_point now);

  const std::shared_ptr<ModelSums> sums_;
  const std::int64_t most_rows_;
  std::mutex mutex_;
  NetworkActivity activity_;
  ThreadWatch watch_;
  HistogramCounts request_durations_{ModelMetrics::DurationBounds()};
  HistogramCounts queue_durations_{ModelMetrics::DurationBounds()};
  HistogramCounts compute_durations_{ModelMetrics::DurationBounds()};
  HistogramCounts batch_rows_{ModelMetrics::RowBounds()};
  StatisticsSummary statistics_;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_THREAD_COUNTS_H_
