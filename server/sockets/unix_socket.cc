#include "server/sockets/unix_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

constexpr char kUnixScheme[] = "unix:";
constexpr int kUnixBacklog = 4096;

// Removes a socket that nobody listens on any more.
absl::Status RemoveLeftOver(const std::string& path, const sockaddr_un& address) {
  struct stat facts {};
  if (lstat(path.c_str(), &facts) != 0) return absl::OkStatus();
  if (!S_ISSOCK(facts.st_mode)) return absl::UnavailableError("it exists and is not a socket");
  const OwnedDescriptor probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ||
      errno != ECONNREFUSED) {
    return absl::UnavailableError("is in use");
  }
  unlink(path.c_str());
  return absl::OkStatus();
}

}  // namespace

bool IsUnixAddress(const std::string& address) { return absl::StartsWith(address, kUnixScheme); }

std::string PathOfUnixAddress(const std::string& address) {
  return address.substr(sizeof(kUnixScheme) - 1);
}

absl::StatusOr<OwnedDescriptor> ListenOnUnixSocket(const std::string& path, int mode) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return absl::UnavailableError(
        absl::StrCat("expected a path of 1 to ", sizeof(address.sun_path) - 1, " bytes"));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  OwnedDescriptor listening(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (listening.get() < 0) return absl::UnavailableError("no file descriptor is left");
  if (absl::Status removed = RemoveLeftOver(path, address); !removed.ok()) return removed;
  // Sets the mode before the socket has a name, so that nobody can connect too early. The process's
  // umask clears bits of it, so it is set once more.
  const auto bits = static_cast<mode_t>(mode);
  if (fchmod(listening.get(), bits) != 0 ||
      bind(listening.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      chmod(path.c_str(), bits) != 0 || listen(listening.get(), kUnixBacklog) != 0) {
    const int error = errno;
    switch (error) {
      case ENOENT:
      case ENOTDIR:
        return absl::UnavailableError("its folder does not exist");
      case EACCES:
      case EPERM:
      case EROFS:
        return absl::UnavailableError("permission denied, or the file system is read-only");
      default:
        return absl::UnavailableError(absl::StrCat("system error ", error));
    }
  }
  return listening;
}

}  // namespace mlp
