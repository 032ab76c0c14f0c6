// What ModelStatistics tells of one model version: Triton's cumulative counts and times.

#ifndef MLP_SERVER_OBSERVE_MODEL_STATISTICS_H_
#define MLP_SERVER_OBSERVE_MODEL_STATISTICS_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>

#include "absl/base/thread_annotations.h"

namespace mlp {

// How often something was done, and how long that took together.
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

// The requests that were answered out of one batch.
struct AnsweredRequests {
  std::uint64_t count = 0;
  std::chrono::nanoseconds queue{0};  // from received to the start of the (last) batch, together
  std::chrono::nanoseconds total{0};  // from received to answered, together
};

struct StatisticsSummary {
  // Adds a batch. Throws bad_alloc, and has changed nothing then.
  void AddBatch(std::int64_t batch_rows, const BatchTimes& times, const AnsweredRequests& answered,
                std::chrono::system_clock::time_point now);

  // Adds all of `other`. Throws bad_alloc, and has counted nothing then.
  void Add(const StatisticsSummary& other);

  // Sets every count to zero, and keeps the sizes, so that batches of these allocate nothing.
  void Clear();

  std::chrono::system_clock::time_point last_inference;  // the epoch before the first
  std::uint64_t rows = 0;                                // evaluated
  std::uint64_t batches = 0;                             // evaluated
  CountedTime success;                                   // requests, from received to answered
  CountedTime failure;                                   // requests that were refused
  CountedTime queue;                                     // of the requests that succeeded
  // Of the requests that succeeded: the stages of the batch that each was (last) in.
  CountedTime compute_input;
  CountedTime compute_infer;
  CountedTime compute_output;

  struct OfSize {
    CountedTime input;
    CountedTime infer;
    CountedTime output;
  };
  std::map<std::int64_t, OfSize> by_batch_rows;  // a count is a batch; it may be zero
};

// Thread-safe.
class ModelStatistics final {
 public:
  // As StatisticsSummary has it.
  void Add(const StatisticsSummary& counted) ABSL_LOCKS_EXCLUDED(mutex_);
  void AddFailure(std::chrono::nanoseconds time) ABSL_LOCKS_EXCLUDED(mutex_);

  // A request without rows, which was answered in `time` without any batch.
  void AddEmpty(std::chrono::nanoseconds time, std::chrono::system_clock::time_point now)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // All counts after the same batches.
  StatisticsSummary Read() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  mutable std::mutex mutex_;
  StatisticsSummary summary_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_MODEL_STATISTICS_H_
