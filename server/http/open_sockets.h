// Keeps the open connections in order of arrival, and closes those that stay too long.
//
// The HTTP library closes idle connections. But a connection that receives a byte now and then
// would stay open for ever, and many of these would keep all other clients out.

#ifndef MLP_SERVER_HTTP_OPEN_SOCKETS_H_
#define MLP_SERVER_HTTP_OPEN_SOCKETS_H_

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"

namespace mlp {

// Thread-safe. Owns no descriptor: it shuts connections down, and their owner closes them.
class OpenSockets final {
 public:
  using Clock = std::chrono::steady_clock;

  // The longest that a connection may stay open, whatever it does.
  static constexpr std::chrono::seconds kLongest{30};
  // The longest that a request may take to arrive, counted from the start of the connection or the
  // end of the previous answer.
  static constexpr std::chrono::seconds kLongestRequest{10};

  // `descriptor` must stay open from Add until Remove returns. If Add throws std::bad_alloc,
  // nothing is added.
  void Add(int descriptor, Clock::time_point now = Clock::now()) ABSL_LOCKS_EXCLUDED(mutex_);
  void Remove(int descriptor) ABSL_LOCKS_EXCLUDED(mutex_);

  // A request has arrived on `descriptor`; it has been answered. Unknown descriptors are ignored.
  void RequestCame(int descriptor) ABSL_LOCKS_EXCLUDED(mutex_);
  void Answered(int descriptor, Clock::time_point now = Clock::now()) ABSL_LOCKS_EXCLUDED(mutex_);

  // Each shuts down connections and returns how many: those whose connection or request has taken
  // too long; the oldest, until an eighth of `most` places is free; the oldest; `descriptor`.
  int CloseOverdue(Clock::time_point now = Clock::now()) ABSL_LOCKS_EXCLUDED(mutex_);
  int MakeRoom(std::size_t most) ABSL_LOCKS_EXCLUDED(mutex_);
  int CloseOldest() ABSL_LOCKS_EXCLUDED(mutex_);
  int Close(int descriptor) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Entry {
    int descriptor;
    Clock::time_point since;
    Clock::time_point idle_since;  // max() from a request's arrival until it is answered
  };
  using Entries = std::list<Entry>;

  Entries::iterator CloseEntry(Entries::iterator entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::mutex mutex_;
  Entries entries_ ABSL_GUARDED_BY(mutex_);  // oldest first, without those shut down
  absl::flat_hash_map<int, Entries::iterator> by_descriptor_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_HTTP_OPEN_SOCKETS_H_
