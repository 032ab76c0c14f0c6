// Decides, before a request is decoded, whether it may come in at all.
//
// Two limits are hard: the rows and the bytes that may wait, over all threads. The third adapts. A
// queue is good where it takes up a burst and bad where it stands, so a request is refused when
// those before it will take longer than a short time, if the queue has been standing for a while,
// and else only when they will take longer than a much longer one. This is the rule of controlled
// delay (Nichols and Jacobson, "Controlling Queue Delay", ACM Queue 10(5), 2012) in the form that
// Maurer gave it for servers ("Fail at Scale", ACM Queue 13(8), 2015), applied to the delay that a
// request is about to have instead of the one that it has had: nothing is decoded in vain, and what
// was let in is answered.

#ifndef MLP_SERVER_BATCHING_ADMISSION_CONTROL_H_
#define MLP_SERVER_BATCHING_ADMISSION_CONTROL_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "server/batching/rejection_reason.h"

namespace mlp {

struct AdmissionOptions {
  std::int64_t max_queue_rows = 65'536;
  std::int64_t max_queue_bytes = std::int64_t{256} << 20;

  // Whether the wait is looked at too.
  bool adaptive = true;

  // A model's queue on a thread is standing if it has not been empty for `interval_ms`.
  int target_ms = 20;     // longest queueing delay accepted while the queue is standing
  int interval_ms = 100;  // longest queueing delay accepted otherwise
};

// The rows and the bytes that wait, over all threads. Thread-safe.
class AdmissionControl final {
 public:
  using Clock = std::chrono::steady_clock;

  // What a request holds beside its message: the call, its context and its arena.
  static constexpr std::int64_t kBytesOfACall = 8'192;

  explicit AdmissionControl(const AdmissionOptions& options) : options_(options) {}

  // A request may wait for this many times as long as it takes itself: a client of large requests
  // that waits for its answers is no overload. It may wait for as many batches of other models:
  // how long one takes is up to the machine and that model.
  static constexpr double kPatience = 8;

  // What a thread knows of the queue that a request would join.
  struct Standing {
    std::chrono::duration<double> wait{0};   // until the requests ahead are evaluated
    std::chrono::duration<double> batch{0};  // that one batch takes
    std::chrono::duration<double> own{0};    // that the request itself takes
    Clock::time_point last_empty;            // when none waited of its own model; else long ago
    // That one batch of another model takes, on average.
    std::chrono::duration<double> batch_of_others{0};
  };

  // Why a request of `bytes` may not come in, or nothing; then its bytes are counted, until Leave.
  std::optional<RejectionReason> Enter(std::int64_t bytes, const Standing& standing,
                                       Clock::time_point now);

  // Counts the rows of a request that came in, as soon as they are known; where there are too many
  // it says so and counts nothing.
  std::optional<RejectionReason> AddRows(std::int64_t rows);

  // Once for each request that entered; `rows` as added, or 0.
  void Leave(std::int64_t bytes, std::int64_t rows);

  std::int64_t rows() const { return rows_.load(std::memory_order_relaxed); }
  std::int64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  const AdmissionOptions options_;
  std::atomic<std::int64_t> rows_ = 0;
  std::atomic<std::int64_t> bytes_ = 0;
};

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_ADMISSION_CONTROL_H_
