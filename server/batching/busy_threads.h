// Counts the request threads that are evaluating, so that a batch is split over idle threads only.

#ifndef MLP_SERVER_BATCHING_BUSY_THREADS_H_
#define MLP_SERVER_BATCHING_BUSY_THREADS_H_

#include <atomic>

namespace mlp {

// Thread-safe.
class BusyThreads final {
 public:
  // Counts one thread as busy from construction to destruction.
  class Busy final {
   public:
    explicit Busy(BusyThreads& threads)
        : busy_(threads.busy_), others_(busy_.fetch_add(1, std::memory_order_relaxed)) {}
    ~Busy() { busy_.fetch_sub(1, std::memory_order_relaxed); }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;

    // How many other threads were busy at construction.
    int others() const { return others_; }

   private:
    std::atomic<int>& busy_;
    const int others_;
  };

 private:
  std::atomic<int> busy_ = 0;
};

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_BUSY_THREADS_H_
