// How long each open connection may go on with what it is at: a client that sends a byte now and
// then, or takes its answer so, would stay for ever.

#ifndef MLP_SERVER_REST_CONNECTION_TIMES_H_
#define MLP_SERVER_REST_CONNECTION_TIMES_H_

#include <chrono>
#include <mutex>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"

namespace mlp {

// Thread-safe. Owns no descriptor: it shuts connections down, and their owner closes them.
class ConnectionTimes final {
 public:
  using Clock = std::chrono::steady_clock;

  // `descriptor` is open from Set until Remove returns. What it does now has to end before
  // `deadline`. Throws bad_alloc for a new one without memory for it.
  void Set(int descriptor, Clock::time_point deadline) ABSL_LOCKS_EXCLUDED(mutex_);
  void Remove(int descriptor) ABSL_LOCKS_EXCLUDED(mutex_);

  // Shuts down those whose time is over at `now`, and returns how many.
  int CloseOverdue(Clock::time_point now = Clock::now()) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  std::mutex mutex_;
  absl::flat_hash_map<int, Clock::time_point> deadlines_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_REST_CONNECTION_TIMES_H_
