#include "client/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/file_descriptor.h"

namespace mlp {
namespace {

absl::Status CannotRead(const std::string& path, int error) {
  return absl::ErrnoToStatus(error, absl::StrCat("'", path, "' cannot be read"));
}

}  // namespace

absl::StatusOr<std::string> ReadSmallFile(const std::string& path, FileSecrecy secrecy) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (file.number() < 0) return CannotRead(path, errno);
  struct stat facts {};
  if (fstat(file.number(), &facts) != 0) return CannotRead(path, errno);
  if (secrecy == FileSecrecy::kSecret && (facts.st_mode & S_IROTH) != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat("'", path,
                     "' holds a secret, but every user of this machine can read it; "
                     "remove that permission (chmod o-r)"));
  }
  std::string content;
  char block[4096];
  for (;;) {
    const ssize_t got = read(file.number(), block, sizeof(block));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return CannotRead(path, errno);
    if (got == 0) return content;
    content.append(block, static_cast<std::size_t>(got));
    if (content.size() > kMaxSmallFileBytes) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", path, "' has more than ", kMaxSmallFileBytes, " bytes"));
    }
  }
}

}  // namespace mlp
