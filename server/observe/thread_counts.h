// The counts of the threads that evaluate one model. Each thread counts in separate memory, and
// readers of the model's sums add them up first. So a batch takes one uncontended lock, however
// many requests and units it has.

#ifndef MLP_SERVER_OBSERVE_THREAD_COUNTS_H_
#define MLP_SERVER_OBSERVE_THREAD_COUNTS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "model/evaluator/layer_activity.h"
#include "server/batching/batch.h"
#include "server/linked_list.h"
#include "server/observe/activity_totals.h"
#include "server/observe/exemplars.h"
#include "server/observe/histogram_counts.h"
#include "server/observe/model_metrics.h"
#include "server/observe/model_statistics.h"
#include "server/observe/row_watch.h"

namespace mlp {

class ThreadCounts;

// The sums of one load of a model version, and the threads that add to them. Thread-safe.
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

  // Adds the counts of all threads, each up to its last batch. Waits for batches in progress.
  void AddUp(Clock::time_point now) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  friend class ThreadCounts;

  const std::shared_ptr<ModelMetrics> metrics_;
  const std::shared_ptr<ActivityTotals> activity_;
  const std::shared_ptr<ModelStatistics> statistics_;
  const std::shared_ptr<RowWatch> watch_;
  std::mutex mutex_;  // taken before a ThreadCounts' mutex
  LinkedList<ThreadCounts> threads_ ABSL_GUARDED_BY(mutex_);
};

// The counts of one thread. Only ModelSums may touch them from another thread.
class ThreadCounts final : public LinkedList<ThreadCounts>::Entry {
 public:
  // The most rows that a thread counts before it adds them itself; fewer if windows are short,
  // because a window only ends once its rows have been added.
  static constexpr std::int64_t kMaxRows = 512;

  // `sums` must be of `network`.
  ThreadCounts(std::shared_ptr<ModelSums> sums, const Network& network);
  // Adds the remaining counts.
  ~ThreadCounts();

  // One batch. Construct it before the evaluation and destroy it before any answer is sent, so a
  // client that has an answer finds it counted.
  class Batch final {
   public:
    explicit Batch(ThreadCounts& counts) : counts_(counts), lock_(counts.mutex_) {}

    // Where the evaluator adds the layers' activity.
    NetworkActivity& activity() { return counts_.activity_; }

    // Watches the evaluated rows if they are due (row_watch.h).
    void Watch(const mlp::Batch& batch) {
      counts_.watch_.Look(batch.rows(), batch.inputs(), batch.Output(counts_.watch_.output(), 0));
    }

    // Counts the batch. If it throws bad_alloc, nothing has been counted.
    void Count(std::int64_t rows, const BatchTimes& times, const AnsweredRequests& answered,
               std::chrono::system_clock::time_point now);

    // Counts a request that is answered from this batch at `now`. Call after Count. `trace_of`
    // returns the request's TraceId and is not called for every request.
    template <typename TraceOf>
    void CountRequest(std::chrono::duration<double> total, std::chrono::duration<double> queue,
                      ModelSums::Clock::time_point now, const TraceOf& trace_of) {
      const std::size_t bucket = counts_.request_durations_.Observe(total.count());
      counts_.queue_durations_.Observe(queue.count());
      counts_.exemplars_.Offer(bucket, total.count(), now, trace_of);
    }

    // Adds to the sums if due. Call after all requests.
    void End(ModelSums::Clock::time_point now);

   private:
    ThreadCounts& counts_;
    const std::lock_guard<std::mutex> lock_;
  };

 private:
  friend class ModelSums;

  // Adds the counts to the sums and resets them. The lock must be held.
  void Add(ModelSums::Clock::time_point now);

  const std::shared_ptr<ModelSums> sums_;
  const std::int64_t most_rows_;
  std::mutex mutex_;
  NetworkActivity activity_;
  ThreadWatch watch_;
  HistogramCounts request_durations_{ModelMetrics::DurationBounds()};
  ExemplarTaker exemplars_{request_durations_.buckets()};
  HistogramCounts queue_durations_{ModelMetrics::DurationBounds()};
  HistogramCounts compute_durations_{ModelMetrics::DurationBounds()};
  HistogramCounts batch_rows_{ModelMetrics::RowBounds()};
  StatisticsSummary statistics_;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_THREAD_COUNTS_H_
