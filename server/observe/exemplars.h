// Exemplars: for each bucket of a histogram, a recent request that fell into it and had a trace.

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
  TraceId trace;  // not set: there is none
  double value = 0.0;
  std::chrono::system_clock::time_point time;
};

// An entry for each bucket, the open one last.
using BucketExemplars = std::vector<Exemplar>;

// What one thread takes. A trace is asked for only where it may be taken: reading it takes a little
// of a request's time. Not thread-safe. Allocates nothing once it is made.
class ExemplarTaker final {
 public:
  using Clock = std::chrono::steady_clock;

  // A bucket's exemplar stays for so long before another takes its place.
  static constexpr Clock::duration kInterval = std::chrono::seconds(1);
  // Of so many requests of a bucket the trace is asked for within that, where they have none.
  static constexpr int kMostTries = 16;

  explicit ExemplarTaker(std::size_t buckets) : states_(buckets), taken_(buckets) {}

  // Takes the trace that `trace_of()` gives, if that is set, as the exemplar of `bucket`, unless it
  // has a recent one.
  template <typename TraceOf>
  void Offer(std::size_t bucket, double value, Clock::time_point now, const TraceOf& trace_of) {
    State& state = states_[bucket];
    if (now >= state.next) state = {now + kInterval, kMostTries};
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
    Clock::time_point next = Clock::time_point::min();  // from when on it may be another
    int tries = 0;
  };

  std::vector<State> states_;
  BucketExemplars taken_;  // and not moved on yet
  bool any_ = false;
};

// The last ones that any thread took. Thread-safe.
class SharedExemplars final {
 public:
  explicit SharedExemplars(std::size_t buckets) : exemplars_(buckets) {}

  // Moves what a thread took here.
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
