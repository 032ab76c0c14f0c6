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

  // What a connection does now has to end before `at`, or before `when_short` where others are
  // refused because of it.
  struct Deadline {
    Clock::time_point at;
    Clock::time_point when_short = Clock::time_point::max();
    bool is_reading = false;  // it waits for bytes of the client
  };

  // For what a client has sent before it closed its side: it may not be read yet.
  static constexpr std::chrono::seconds kReadingTimeOfTheGone{2};

  // `descriptor` is open from Set until Remove returns. Throws bad_alloc for a new one without
  // memory for it.
  void Set(int descriptor, Deadline deadline, Clock::time_point now = Clock::now())
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Remove(int descriptor) ABSL_LOCKS_EXCLUDED(mutex_);

  // The client has closed its side: from now on reading may take kReadingTimeOfTheGone at most. One
  // without a deadline is passed over.
  void SetGone(int descriptor, Clock::time_point now = Clock::now()) ABSL_LOCKS_EXCLUDED(mutex_);

  // Shuts down those whose time is over at `now`, and returns how many. `is_short`: others are
  // refused.
  int CloseOverdue(bool is_short, Clock::time_point now = Clock::now()) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Connection {
    Deadline deadline;
    bool has_gone = false;

    // Nothing more comes to be read.
    void ShortenReading(Clock::time_point now);
  };

  std::mutex mutex_;
  absl::flat_hash_map<int, Connection> connections_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_REST_CONNECTION_TIMES_H_
