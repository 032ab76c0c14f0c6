#include "server/tls/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

absl::Status NoRoomForMemoryFile() {
  return absl::ResourceExhaustedError("no file descriptor or memory is left for the certificates");
}

absl::StatusOr<OwnedDescriptor> MakeMemoryFile(absl::string_view content) {
  OwnedDescriptor file(memfd_create("certificates", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (file.get() < 0) return NoRoomForMemoryFile();
  while (!content.empty()) {
    const ssize_t written = write(file.get(), content.data(), content.size());
    if (written <= 0) return NoRoomForMemoryFile();
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  // Nothing can change the checked content.
  if (fcntl(file.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) !=
      0) {
    return NoRoomForMemoryFile();
  }
  return file;
}

}  // namespace

absl::StatusOr<MemoryFile> MemoryFile::Create(absl::string_view content) {
  absl::StatusOr<OwnedDescriptor> file = MakeMemoryFile(content);
  if (!file.ok()) return file.status();
  return MemoryFile(*std::move(file));
}

absl::Status MemoryFile::Exchange(const MemoryFile& other) {
  if (dup3(other.descriptor_.get(), descriptor_.get(), O_CLOEXEC) < 0) return NoRoomForMemoryFile();
  return absl::OkStatus();
}

std::string MemoryFile::path() const { return absl::StrCat("/proc/self/fd/", descriptor_.get()); }

}  // namespace mlp
