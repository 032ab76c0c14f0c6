// The connections that are open, in the order in which they came, and an end for those that stay
// too long.
//
// The HTTP library closes a connection on which nothing moves. One on which a byte comes now and
// then would stay for ever, and so many of them keep all others out.

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

  // `descriptor` is open from the first call on until the second returns.
  void Add(int descriptor, Clock::time_point now = Clock::now()) ABSL_LOCKS_EXCLUDED(mutex_);
  void Remove(int descriptor) ABSL_LOCKS_EXCLUDED(mutex_);

  // Shuts down those that have lasted too long, and the oldest where `most` are nearly reached.
  void MakeRoom(std::size_t most, Clock::time_point now = Clock::now()) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Entry {
    int descriptor;
    Clock::time_point since;
  };

  std::mutex mutex_;
  std::list<Entry> entries_ ABSL_GUARDED_BY(mutex_);  // the oldest first; not those shut down
  absl::flat_hash_map<int, std::list<Entry>::iterator> by_descriptor_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_HTTP_OPEN_SOCKETS_H_
