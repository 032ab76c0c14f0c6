// Triton's cumulative counts and times for one model version.

#ifndef MLP_SERVER_OBSERVE_MODEL_STATISTICS_H_
#define MLP_SERVER_OBSERVE_MODEL_STATISTICS_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>

#include "absl/base/thread_annotations.h"

namespace mlp {

// How often something was done, and the total time it took.
struct CountedTime {
  std::uint64_t count = 0;
  std::chrono::nanoseconds time{0};

  void Add(std::chrono::nanoseconds more, std::uint64_t times = 1) {
    count += times;
    time += more;
  }
  void Add(const CountedTime& other) { Add(other.time, other.count); }
};

// The stages of a batch.
struct BatchTimes {
  std::chrono::nanoseconds input{0};   // rows copied into the batch
  std::chrono::nanoseconds infer{0};   // evaluation
  std::chrono::nanoseconds output{0};  // answers written and handed over
};

// The requests answered from one batch.
struct AnsweredRequests {
  std::uint64_t count = 0;
  std::chrono::nanoseconds queue{0};  // total time from receipt to the start of the (last) batch
  std::chrono::nanoseconds total{0};  // total time from receipt to answer
};

struct StatisticsSummary {
  // Adds a batch. If it throws bad_alloc, nothing has changed.
  void AddBatch(std::int64_t batch_rows, const BatchTimes& times, const AnsweredRequests& answered,
                std::chrono::system_clock::time_point now);

  // Adds all of `other`. If it throws bad_alloc, no count has changed.
  void Add(const StatisticsSummary& other);

  // Sets every count to zero but keeps the batch sizes, so repeating them allocates nothing.
  void Clear();

  std::chrono::system_clock::time_point last_inference;  // the epoch before the first inference
  std::uint64_t rows = 0;                                // evaluated
  std::uint64_t batches = 0;                             // evaluated
  CountedTime success;                                   // requests, from receipt to answer
  CountedTime failure;                                   // requests that were refused
  CountedTime queue;                                     // of the successful requests
  // Of the successful requests: the stages of the (last) batch that each was in.
  CountedTime compute_input;
  CountedTime compute_infer;
  CountedTime compute_output;

  struct OfSize {
    CountedTime input;
    CountedTime infer;
    CountedTime output;
  };
  std::map<std::int64_t, OfSize> by_batch_rows;  // counts batches; may be zero
};

// Thread-safe.
class ModelStatistics final {
 public:
  // See StatisticsSummary::Add.
  void Add(const StatisticsSummary& counted) ABSL_LOCKS_EXCLUDED(mutex_);
  void AddFailure(std::chrono::nanoseconds time) ABSL_LOCKS_EXCLUDED(mutex_);

  // Counts a request without rows, answered in `time` without a batch.
  void AddEmpty(std::chrono::nanoseconds time, std::chrono::system_clock::time_point now)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // All counts as of the same batches.
  StatisticsSummary Read() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  mutable std::mutex mutex_;
  StatisticsSummary summary_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_MODEL_STATISTICS_H_
