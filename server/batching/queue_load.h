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
  using Counter = std::atomic<std::int64_t>;
  struct Decrement {
    void operator()(Counter* counter) const { counter->fetch_sub(1, std::memory_order_relaxed); }
  };

 public:
  // Counts one request or batch until it is destroyed or reset. Null if the limit was reached. The
  // QueueLoad must outlive it.
  using Counted = std::unique_ptr<Counter, Decrement>;

  explicit QueueLoad(std::size_t levels) : QueueLoad(levels, std::make_shared<Counter>(0)) {}

  // The load of the same model with other levels. Continues to count the batches that `earlier`
  // counts.
  QueueLoad(std::size_t levels, const QueueLoad& earlier)
      : QueueLoad(levels, earlier.evaluating_) {}

  std::size_t levels() const { return waiting_.size(); }

  // Counts one more waiting request of `level`, unless `most` already wait; 0 for no limit.
  Counted Enter(std::size_t level, std::int64_t most) { return Count(waiting_[level], most); }

  // Counts one more batch under evaluation, unless there are already `most`; 0 for no limit.
  Counted Begin(int most) { return Count(*evaluating_, most); }

 private:
  QueueLoad(std::size_t levels, std::shared_ptr<Counter> evaluating)
      : waiting_(levels), evaluating_(std::move(evaluating)) {}

  static Counted Count(Counter& counter, std::int64_t most) {
    const std::int64_t old_count = counter.fetch_add(1, std::memory_order_relaxed);
    Counted counted(&counter);
    if (most != 0 && old_count >= most) counted.reset();
    return counted;
  }

  std::deque<Counter> waiting_;
  const std::shared_ptr<Counter> evaluating_;
};

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_QUEUE_LOAD_H_
