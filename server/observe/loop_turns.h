// The durations of the serving loops' turns: mlp_loop_turn_duration_seconds.

#ifndef MLP_SERVER_OBSERVE_LOOP_TURNS_H_
#define MLP_SERVER_OBSERVE_LOOP_TURNS_H_

#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <mutex>

#include "absl/base/thread_annotations.h"
#include "server/linked_list.h"
#include "server/observe/histogram_counts.h"

namespace mlp {

// The sum over all loops. Thread-safe.
class LoopTurns final {
 public:
  // The counts of one loop, in separate memory. Only a reader of the metrics contends for its lock.
  // `all` must outlive it.
  class OfOneLoop final : public LinkedList<OfOneLoop>::Entry {
   public:
    explicit OfOneLoop(LoopTurns& all);
    // Adds the remaining counts.
    ~OfOneLoop();

    void Observe(std::chrono::duration<double> turn) ABSL_LOCKS_EXCLUDED(mutex_) {
      const std::lock_guard lock(mutex_);
      counts_.Observe(turn.count());
    }

   private:
    friend class LoopTurns;
    void Add() ABSL_LOCKS_EXCLUDED(mutex_);

    LoopTurns& all_;
    std::mutex mutex_;
    HistogramCounts counts_ ABSL_GUARDED_BY(mutex_);
  };

  // The registry must outlive this.
  explicit LoopTurns(prometheus::Registry& registry);

  // Adds the loops' counts to the registry's histogram.
  void AddUp() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  prometheus::Histogram& histogram_;  // owned by the registry
  std::mutex mutex_;                  // taken before a loop's mutex
  LinkedList<OfOneLoop> loops_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_LOOP_TURNS_H_
