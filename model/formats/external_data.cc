#include "model/formats/external_data.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"

namespace mlp {
namespace {

// Without a wait where it is a pipe, and without taking over a terminal.
int OpenBeneath(int folder, const std::string& location) {
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
  return static_cast<int>(syscall(SYS_openat2, folder, location.c_str(), &how, sizeof(how)));
}

absl::Status OpenError(const std::string& location, int error) {
  const std::string what = absl::StrCat("the external data file ", Quote(location));
  if (error == ENOENT) return absl::NotFoundError(absl::StrCat(what, " is not there"));
  if (error == EXDEV || error == ELOOP) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " is not in the model's own folder; expected a plain file in there"));
  }
  return absl::PermissionDeniedError(absl::StrCat(what, " cannot be opened"));
}

}  // namespace

absl::StatusOr<ExternalFolder> ExternalFolder::Open(const std::filesystem::path& folder) {
  const int descriptor = open(folder.empty() ? "." : folder.c_str(),
                              O_RDONLY | O_DIRECTORY | O_CLOEXEC);  // NOLINT: a C interface
  if (descriptor >= 0) return ExternalFolder(descriptor);
  return absl::PermissionDeniedError("the model's folder cannot be opened");
}

ExternalFolder::ExternalFolder(ExternalFolder&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      bytes_seen_(other.bytes_seen_),
      seen_(std::move(other.seen_)) {}

ExternalFolder::~ExternalFolder() {
  if (descriptor_ >= 0) close(descriptor_);
}

absl::StatusOr<std::string> ExternalFolder::Read(const std::string& location, std::int64_t offset,
                                                 std::int64_t length) {
  const std::string what = absl::StrCat("the external data file ", Quote(location));
  if (location.empty() || location.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(absl::StrCat(what, " has no name that a file can have"));
  }
  const int file = OpenBeneath(descriptor_, location);
  if (file < 0) return OpenError(location, errno);
  const absl::Cleanup closing = [file] { close(file); };
  struct stat status {};
  // A file with a second name may be anyone's, linked here.
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode) || status.st_nlink != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " is no plain file with one name; expected one"));
  }
  if (offset < 0 || length < 0 || offset > status.st_size || length > status.st_size - offset) {
    return absl::InvalidArgumentError(absl::StrCat(
        what, " has ", status.st_size, " bytes; expected ", length, " from ", offset, " on"));
  }
  if (seen_.insert(location).second) bytes_seen_ += status.st_size;
  std::string bytes(static_cast<std::size_t>(length), '\0');
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t part = pread(file, bytes.data() + done, bytes.size() - done,
                               offset + static_cast<std::int64_t>(done));
    if (part < 0 && errno == EINTR) continue;
    if (part <= 0) return absl::InvalidArgumentError(absl::StrCat(what, " cannot be read"));
    done += static_cast<std::size_t>(part);
  }
  return bytes;
}

}  // namespace mlp
