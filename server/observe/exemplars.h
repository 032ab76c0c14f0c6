// Exemplars: for each histogram bucket, a recent request that fell into it and had a trace.

#ifndef MLP_SERVER_OBSERVE_EXEMPLARS_H_
#define MLP_SERVER_OBSERVE_EXEMPLARS_H_

#include <chrono>
#include <cstddef>
#include <mutex>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "server/observe/trace_id.h"

namespace mlp {

struct Exemplar {
  TraceId trace;  // not set if there is no exemplar
  double value = 0.0;
  std::chrono::system_clock::time_point time;
};

// One entry per bucket; the open-ended bucket is last.
using BucketExemplars = std::vector<Exemplar>;

// Collects the exemplars of one thread. Reads a trace only if it may be kept, because reading costs
// request time. Not thread-safe. Allocates only on construction.
class ExemplarTaker final {
 public:
  using Clock = std::chrono::steady_clock;

  // How long a bucket keeps its exemplar before another may replace it.
  static constexpr Clock::duration kInterval = std::chrono::seconds(1);
  // How many requests without a trace are tried per bucket in that time.
  static constexpr int kMaxTries = 16;

  explicit ExemplarTaker(std::size_t buckets) : states_(buckets), taken_(buckets) {}

  // Keeps the trace from `trace_of()`, if set, as the exemplar of `bucket`, unless the bucket has a
  // recent one.
  template <typename TraceOf>
  void Offer(std::size_t bucket, double value, Clock::time_point now, const TraceOf& trace_of) {
    State& state = states_[bucket];
    if (now >= state.next) state = {now + kInterval, kMaxTries};
    if (state.tries == 0) return;
    --state.tries;
    const TraceId trace = trace_of();
    if (!trace.IsSet()) return;
    state.tries = 0;
    taken_[bucket] = {trace, value, std::chrono::system_clock::now()};
    any_ = true;
  }

 private:
  friend class SharedExemplars;

  struct State {
    Clock::time_point next = Clock::time_point::min();  // when it may next be replaced
    int tries = 0;
  };

  std::vector<State> states_;
  BucketExemplars taken_;  // not moved to SharedExemplars yet
  bool any_ = false;
};

// The latest exemplars of all threads. Thread-safe.
class SharedExemplars final {
 public:
  explicit SharedExemplars(std::size_t buckets) : exemplars_(buckets) {}

  // Moves the exemplars of `taker` here.
  void Add(ExemplarTaker& taker) ABSL_LOCKS_EXCLUDED(mutex_) {
    if (!taker.any_) return;
    taker.any_ = false;
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < exemplars_.size(); ++i) {
      Exemplar& taken = taker.taken_[i];
      if (taken.trace.IsSet()) exemplars_[i] = taken;
      taken = {};
    }
  }

  BucketExemplars Get() const ABSL_LOCKS_EXCLUDED(mutex_) {
    const std::lock_guard lock(mutex_);
    return exemplars_;
  }

 private:
  mutable std::mutex mutex_;
  BucketExemplars exemplars_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_EXEMPLARS_H_
