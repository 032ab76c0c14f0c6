// The connections that the HTTP library holds, including those it has not begun to serve.

#ifndef MLP_SERVER_HTTP_HELD_CONNECTIONS_H_
#define MLP_SERVER_HTTP_HELD_CONNECTIONS_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"

namespace mlp {

// Thread-safe. Touches no descriptor.
class HeldConnections final {
 public:
  // Gives `descriptor` one of `most` places, and waits up to `patience` for one to become free.
  // Returns false if none does. Throws std::bad_alloc.
  // If the library cannot begin a connection, it closes it without notice. Its place then goes to
  // the next connection with that descriptor.
  bool Take(int descriptor, std::size_t most, std::chrono::milliseconds patience)
      ABSL_LOCKS_EXCLUDED(mutex_) {
    std::unique_lock lock(mutex_);
    if (descriptors_.contains(descriptor)) return true;
    if (!released_.wait_for(lock, patience, [&] { return descriptors_.size() < most; })) {
      return false;
    }
    descriptors_.insert(descriptor);
    return true;
  }

  // Call it before `descriptor` is closed, or when the library did not take it.
  void Release(int descriptor) ABSL_LOCKS_EXCLUDED(mutex_) {
    {
      const std::lock_guard lock(mutex_);
      descriptors_.erase(descriptor);
    }
    released_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable released_;
  absl::flat_hash_set<int> descriptors_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_HTTP_HELD_CONNECTIONS_H_
