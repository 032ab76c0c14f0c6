// A file in memory that other code of this process opens by a path, and whose content is exchanged
// at once: whoever has opened it goes on with what it had.

#ifndef MLP_SERVER_TLS_MEMORY_FILE_H_
#define MLP_SERVER_TLS_MEMORY_FILE_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/sockets/owned_descriptor.h"

namespace mlp {

// Not thread-safe, but for those that open path() meanwhile.
class MemoryFile final {
 public:
  // RESOURCE_EXHAUSTED where no descriptor or memory is left; so the following.
  static absl::StatusOr<MemoryFile> Create(absl::string_view content);

  // Gives this path the content of `other`.
  absl::Status Exchange(const MemoryFile& other);

  // Below /proc/self, so that no other user can open it.
  std::string path() const;

 private:
  explicit MemoryFile(OwnedDescriptor descriptor) : descriptor_(std::move(descriptor)) {}

  OwnedDescriptor descriptor_;
};

}  // namespace mlp

#endif  // MLP_SERVER_TLS_MEMORY_FILE_H_
