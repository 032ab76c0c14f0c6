// Counts the request threads that are evaluating, so that a batch is split over idle threads only.

#ifndef MLP_SERVER_BATCHING_BUSY_THREADS_H_
#define MLP_SERVER_BATCHING_BUSY_THREADS_H_

#include <atomic>

namespace mlp {

// Thread-safe.
class BusyThreads final {
 public:
  // Counts the calling thread as busy until End. Returns how many others are busy.
  int Begin() { return busy_.fetch_add(1, std::memory_order_relaxed); }
  void End() { busy_.fetch_sub(1, std::memory_order_relaxed); }

 private:
  std::atomic<int> busy_ = 0;
};

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_BUSY_THREADS_H_
