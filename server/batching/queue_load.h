// Counts what waits or is evaluated for one model, over all threads, for its configured limits.

#ifndef MLP_SERVER_BATCHING_QUEUE_LOAD_H_
#define MLP_SERVER_BATCHING_QUEUE_LOAD_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>

namespace mlp {

// Thread-safe.
class QueueLoad final {
 public:
  explicit QueueLoad(std::size_t levels)
      : QueueLoad(levels, std::make_shared<std::atomic<int>>(0)) {}

  // The load of the same model with other levels. Continues to count the batches that `earlier`
  // counts.
  QueueLoad(std::size_t levels, const QueueLoad& earlier)
      : QueueLoad(levels, earlier.evaluating_) {}

  std::size_t levels() const { return waiting_.size(); }

  // Counts one more waiting request of `level`, unless `most` already wait; 0 for no limit.
  bool TryEnter(std::size_t level, std::int64_t most) {
    std::atomic<std::int64_t>& waiting = waiting_[level];
    const std::int64_t before = waiting.fetch_add(1, std::memory_order_relaxed);
    if (most == 0 || before < most) return true;
    waiting.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  void Leave(std::size_t level) { waiting_[level].fetch_sub(1, std::memory_order_relaxed); }

  // Counts one more batch under evaluation, unless there are already `most`; 0 for no limit.
  bool TryBegin(int most) {
    const int before = evaluating_->fetch_add(1, std::memory_order_relaxed);
    if (most == 0 || before < most) return true;
    evaluating_->fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  void End() { evaluating_->fetch_sub(1, std::memory_order_relaxed); }

 private:
  QueueLoad(std::size_t levels, std::shared_ptr<std::atomic<int>> evaluating)
      : waiting_(levels), evaluating_(std::move(evaluating)) {}

  std::deque<std::atomic<std::int64_t>> waiting_;
  const std::shared_ptr<std::atomic<int>> evaluating_;
};

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_QUEUE_LOAD_H_
