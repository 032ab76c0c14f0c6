// The connections that the HTTP library holds, also those that it has not begun.

#ifndef MLP_SERVER_HTTP_HELD_CONNECTIONS_H_
#define MLP_SERVER_HTTP_HELD_CONNECTIONS_H_

#include <cstddef>
#include <mutex>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"

namespace mlp {

// Thread-safe. Touches no descriptor.
class HeldConnections final {
 public:
  // Whether `descriptor` has a place among `most`, which it then takes. Throws std::bad_alloc.
  // The library closes a connection that it cannot begin, and tells nobody. Its place goes to the
  // next connection with that descriptor.
  bool Take(int descriptor, std::size_t most) ABSL_LOCKS_EXCLUDED(mutex_) {
    const std::lock_guard lock(mutex_);
    if (descriptors_.contains(descriptor)) return true;
    if (descriptors_.size() >= most) return false;
    descriptors_.insert(descriptor);
    return true;
  }

  // Before `descriptor` is closed, or where the library did not take it.
  void Release(int descriptor) ABSL_LOCKS_EXCLUDED(mutex_) {
    const std::lock_guard lock(mutex_);
    descriptors_.erase(descriptor);
  }

 private:
  std::mutex mutex_;
  absl::flat_hash_set<int> descriptors_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_HTTP_HELD_CONNECTIONS_H_
