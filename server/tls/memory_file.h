// A file in memory that other code in this process opens by its path. Its content is replaced
// atomically: code that has it open keeps the old content.

#ifndef MLP_SERVER_TLS_MEMORY_FILE_H_
#define MLP_SERVER_TLS_MEMORY_FILE_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/sockets/owned_descriptor.h"

namespace mlp {

// Not thread-safe, except that other threads may open path() at any time.
class MemoryFile final {
 public:
  // RESOURCE_EXHAUSTED if no descriptor or memory is left. The same for Exchange.
  static absl::StatusOr<MemoryFile> Create(absl::string_view content);

  // Gives this path the content of `other`.
  absl::Status Exchange(const MemoryFile& other);

  // Under /proc/self, so that no other user can open it.
  std::string path() const;

 private:
  explicit MemoryFile(OwnedDescriptor descriptor) : descriptor_(std::move(descriptor)) {}

  OwnedDescriptor descriptor_;
};

}  // namespace mlp

#endif  // MLP_SERVER_TLS_MEMORY_FILE_H_
