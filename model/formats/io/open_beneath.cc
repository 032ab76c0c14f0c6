#include "model/formats/io/open_beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <deque>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

constexpr int kReadFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

// The same limit as Linux.
constexpr int kMaxLinks = 40;

int OpenByKernel(int root, const std::string& path) {
  open_how how{};
  how.flags = kReadFlags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): a C interface
  return static_cast<int>(
      TEMP_FAILURE_RETRY(syscall(SYS_openat2, root, path.c_str(), &how, sizeof(how))));
}

int Fail(int error) {
  errno = error;
  return -1;
}

// Descriptors of the folders from the root to the current one. ".." closes the last one, so a
// folder that is moved meanwhile cannot lead outside.
class Trail {
 public:
  explicit Trail(int root) : root_(root) {}
  Trail(const Trail&) = delete;
  Trail& operator=(const Trail&) = delete;
  ~Trail() {
    const int error = errno;
    for (const int folder : folders_) close(folder);
    errno = error;
  }

  int here() const { return folders_.empty() ? root_ : folders_.back(); }
  void Enter(int folder) { folders_.push_back(folder); }
  // Returns whether there was a folder to leave.
  bool Leave() {
    const bool left = !folders_.empty();
    if (left) {
      close(folders_.back());
      folders_.pop_back();
    }
    return left;
  }

 private:
  int root_;
  std::vector<int> folders_;
};

// Puts the steps of `path` before `steps`. Returns whether `path` is relative.
bool PutInFront(absl::string_view path, std::deque<std::string>& steps) {
  if (path.empty() || path.front() == '/') return false;
  const std::vector<std::string> parts = absl::StrSplit(path, '/');
  steps.insert(steps.begin(), parts.begin(), parts.end());
  return true;
}

// Puts the target of the link `name` before `steps`. Returns 0 or an error number.
int FollowLink(int folder, const std::string& name, std::deque<std::string>& steps) {
  std::array<char, PATH_MAX> target{};
  const ssize_t length = readlinkat(folder, name.c_str(), target.data(), target.size());
  if (length < 0) return errno;
  if (length == static_cast<ssize_t>(target.size())) return ENAMETOOLONG;
  return PutInFront({target.data(), static_cast<std::size_t>(length)}, steps) ? 0 : EXDEV;
}

int OpenStep(int folder, const std::string& name, bool is_last) {
  const int flags = is_last ? kReadFlags : O_PATH | O_DIRECTORY | O_CLOEXEC;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): a C interface
  return static_cast<int>(TEMP_FAILURE_RETRY(openat(folder, name.c_str(), flags | O_NOFOLLOW)));
}

// Whether `name`, which could not be opened, is a link. With O_NOFOLLOW, opening a link fails with
// ELOOP or, with O_DIRECTORY, ENOTDIR.
bool IsLink(int folder, const std::string& name) {
  struct stat status {};
  return fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISLNK(status.st_mode);
}

int OpenByWalk(int root, const std::string& path) {
  std::deque<std::string> steps;
  if (!PutInFront(path, steps)) return Fail(path.empty() ? ENOENT : EXDEV);
  Trail trail(root);
  int links = 0;
  while (!steps.empty()) {
    const std::string name = steps.front();
    steps.pop_front();
    const bool is_last = steps.empty();
    if (!is_last && (name.empty() || name == ".")) continue;
    if (name == "..") {
      if (!trail.Leave()) return Fail(EXDEV);
      if (is_last) return Fail(EISDIR);
      continue;
    }
    const int opened = OpenStep(trail.here(), name.empty() ? "." : name, is_last);
    if (opened >= 0 && is_last) return opened;
    if (opened >= 0) {
      trail.Enter(opened);
      continue;
    }
    const int error = errno;
    if ((error != ELOOP && error != ENOTDIR) || !IsLink(trail.here(), name)) return Fail(error);
    if (++links > kMaxLinks) return Fail(ELOOP);
    if (const int wrong = FollowLink(trail.here(), name, steps); wrong != 0) return Fail(wrong);
  }
  return Fail(ENOENT);
}

}  // namespace

int OpenBeneath(int root, const std::string& path, BeneathBy by) {
  if (by == BeneathBy::kKernel) {
    const int opened = OpenByKernel(root, path);
    // Old kernels and gVisor lack openat2; system call filters return EPERM or ENOSYS. EAGAIN means
    // that something on the machine was renamed or mounted while openat2 followed a "..": it cannot
    // tell whether that led outside. The walk can.
    if (opened >= 0 || (errno != ENOSYS && errno != EPERM && errno != EAGAIN)) return opened;
  }
  return OpenByWalk(root, path);
}

}  // namespace mlp
