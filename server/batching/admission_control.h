// Decides whether a request may enter, before it is decoded.
//
// Two limits are fixed: the rows and the bytes that may wait, over all threads. The third limit
// adapts. A queue is good if it absorbs a burst, and bad if it stands. So while the queue is
// standing, a request is refused if the requests ahead of it will take longer than a short time.
// Otherwise, it is refused only if they will take longer than a much longer time. This is the rule
// of controlled delay (Nichols and Jacobson, "Controlling Queue Delay", ACM Queue 10(5), 2012), in
// the form that Maurer gave it for servers ("Fail at Scale", ACM Queue 13(8), 2015). Here it
// applies to the delay that a request is about to have, not to the delay that it has had: nothing
// is decoded in vain, and every admitted request is answered.

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

  // Whether the expected queueing delay is limited too.
  bool adaptive = true;

  // A model's queue on a thread is standing if it has not been empty for `interval_ms`.
  int target_ms = 20;     // longest queueing delay accepted while the queue is standing
  int interval_ms = 100;  // longest queueing delay accepted otherwise
};

// Counts the rows and the bytes that wait, over all threads. Thread-safe.
class AdmissionControl final {
 public:
  using Clock = std::chrono::steady_clock;

  // What a request holds in addition to its message: the call, its context and its arena.
  static constexpr std::int64_t kBytesPerCall = 8'192;

  explicit AdmissionControl(const AdmissionOptions& options) : options_(options) {}

  // A request may wait for this many times its own evaluation time: a client that sends large
  // requests and waits for each answer is no overload. It may also wait for this many batches of
  // other models, because their duration depends on the machine and those models.
  static constexpr double kPatience = 8;

  // What a thread knows about the queue that a request would join.
  struct Standing {
    std::chrono::duration<double> wait{0};   // until the requests ahead are evaluated
    std::chrono::duration<double> batch{0};  // that one batch takes
    std::chrono::duration<double> own{0};    // that the request itself takes
    Clock::time_point last_empty;            // of its own model's queue; long ago by default
    // That one batch of another model takes, on average.
    std::chrono::duration<double> batch_of_others{0};
  };

  // Returns why a request of `bytes` is refused. If it is admitted, returns nullopt and counts its
  // bytes until Leave.
  std::optional<RejectionReason> Enter(std::int64_t bytes, const Standing& standing,
                                       Clock::time_point now);

  // Counts the rows of an admitted request as soon as they are known. If there are too many,
  // returns the reason and counts nothing.
  std::optional<RejectionReason> AddRows(std::int64_t rows);

  // Call it once for each request that entered, with the rows that were added, or 0.
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
