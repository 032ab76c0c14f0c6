// What waits for one model, or is evaluated, over all threads: for the limits of its configuration.

#ifndef MLP_SERVER_BATCHING_QUEUE_LOAD_H_
#define MLP_SERVER_BATCHING_QUEUE_LOAD_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>

namespace mlp {

// Thread-safe.
class QueueLoad final {
 public:
  explicit QueueLoad(std::size_t levels) : waiting_(levels) {}

  // Counts one more waiting request of `level`, unless `most` wait already; 0 for any number.
  bool TryEnter(std::size_t level, std::int64_t most) {
    std::atomic<std::int64_t>& waiting = waiting_[level];
    const std::int64_t before = waiting.fetch_add(1, std::memory_order_relaxed);
    if (most == 0 || before < most) return true;
    waiting.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  void Leave(std::size_t level) { waiting_[level].fetch_sub(1, std::memory_order_relaxed); }

  // Counts one more batch that is evaluated, unless `most` are already; 0 for any number.
  bool TryBegin(int most) {
    const int before = evaluating_.fetch_add(1, std::memory_order_relaxed);
    if (most == 0 || before < most) return true;
    evaluating_.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  void End() { evaluating_.fetch_sub(1, std::memory_order_relaxed); }

 private:
  std::deque<std::atomic<std::int64_t>> waiting_;
  std::atomic<int> evaluating_ = 0;
};

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_QUEUE_LOAD_H_
