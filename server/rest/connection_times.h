// Bounds the time of each step of an open connection. Otherwise, a client that sends or reads a
// byte now and then would keep its connection for ever.

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

  // The current step of a connection must end before `at`, or before `when_short` while other
  // clients are refused because of it.
  struct Deadline {
    Clock::time_point at;
    Clock::time_point when_short = Clock::time_point::max();
    bool is_reading = false;  // it waits for bytes from the client
  };

  // Time to read what a client sent before it closed its side.
  static constexpr std::chrono::seconds kReadTimeAfterDisconnect{2};

  // `descriptor` must stay open from Set until Remove returns. Throws bad_alloc if there is no
  // memory for a new descriptor.
  void Set(int descriptor, Deadline deadline, Clock::time_point now = Clock::now())
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Remove(int descriptor) ABSL_LOCKS_EXCLUDED(mutex_);

  // The client has closed its side: from now on, reading may take at most kReadTimeAfterDisconnect.
  // Ignores descriptors without a deadline.
  void SetDisconnected(int descriptor, Clock::time_point now = Clock::now())
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Shuts down the connections whose time is over at `now`, and returns how many. `is_short`:
  // whether other clients are being refused.
  int CloseOverdue(bool is_short, Clock::time_point now = Clock::now()) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Connection {
    Deadline deadline;
    bool has_disconnected = false;

    // Limits the time to read if the client has closed its side.
    void ShortenReading(Clock::time_point now);
  };

  std::mutex mutex_;
  absl::flat_hash_map<int, Connection> connections_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_REST_CONNECTION_TIMES_H_
