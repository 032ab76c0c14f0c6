// The connections that are open, in the order in which they came, and an end for those that stay
// too long.
//
// The HTTP library closes a connection on which nothing moves. One on which a byte comes now and
// then would stay for ever, and many of them keep all others out.

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

  // How long a connection may last, whatever it does.
  static constexpr std::chrono::seconds kLongest{30};
  // How long a request may take to come, from the connection's start or the answer before it.
  static constexpr std::chrono::seconds kLongestRequest{10};

  // `descriptor` is open from the first call on until the second returns. Where Add throws
  // std::bad_alloc, nothing is added.
  void Add(int descriptor, Clock::time_point now = Clock::now()) ABSL_LOCKS_EXCLUDED(mutex_);
  void Remove(int descriptor) ABSL_LOCKS_EXCLUDED(mutex_);

  // A request has come on `descriptor`; it has been answered. Unknown ones are passed over.
  void RequestCame(int descriptor) ABSL_LOCKS_EXCLUDED(mutex_);
  void Answered(int descriptor, Clock::time_point now = Clock::now()) ABSL_LOCKS_EXCLUDED(mutex_);

  // Each shuts connections down and returns how many: those that have lasted too long or whose
  // request has; the oldest until `most` are not nearly reached; the oldest; `descriptor`.
  int CloseOverdue(Clock::time_point now = Clock::now()) ABSL_LOCKS_EXCLUDED(mutex_);
  int MakeRoom(std::size_t most) ABSL_LOCKS_EXCLUDED(mutex_);
  int CloseOldest() ABSL_LOCKS_EXCLUDED(mutex_);
  int Close(int descriptor) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Entry {
    int descriptor;
    Clock::time_point since;
    Clock::time_point idle_since;  // Clock::time_point::max() from a request until its answer's end
  };
  using Entries = std::list<Entry>;

  Entries::iterator CloseEntry(Entries::iterator entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::mutex mutex_;
  Entries entries_ ABSL_GUARDED_BY(mutex_);  // the oldest first; not those shut down
  absl::flat_hash_map<int, Entries::iterator> by_descriptor_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_HTTP_OPEN_SOCKETS_H_
