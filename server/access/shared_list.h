// The current access list. Every call reads it; a new tokens file replaces it now and then.

#ifndef MLP_SERVER_ACCESS_SHARED_LIST_H_
#define MLP_SERVER_ACCESS_SHARED_LIST_H_

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "server/access/access_list.h"

namespace mlp {

// Thread-safe. Readers share no lock and no counter, unless the hashes of their thread ids collide:
// each reads one of several copies of the pointer, and each copy counts its own references.
class SharedList final {
 public:
  using Pointer = std::shared_ptr<const AccessList>;

  void Set(const Pointer& list) {
    for (Copy& copy : copies_) {
      // Each copy has a separate reference count, which keeps `list` alive.
      Pointer pointer =
          list == nullptr ? nullptr : Pointer(list.get(), [list](const AccessList*) {});
      const std::lock_guard lock(copy.mutex);
      copy.list.swap(pointer);
    }
  }

  Pointer Get() const {
    const Copy& copy = copies_[std::hash<std::thread::id>()(std::this_thread::get_id()) % kCopies];
    const std::lock_guard lock(copy.mutex);
    return copy.list;
  }

 private:
  static constexpr std::size_t kCopies = 16;
  static constexpr std::size_t kCacheLine = 64;

  struct alignas(kCacheLine) Copy {
    mutable std::mutex mutex;
    Pointer list ABSL_GUARDED_BY(mutex);
  };

  std::array<Copy, kCopies> copies_;
};

}  // namespace mlp

#endif  // MLP_SERVER_ACCESS_SHARED_LIST_H_
