#include "client/write_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

constexpr mode_t kFileMode = 0666;  // umask is applied

absl::Status NotWritten(const std::string& path, int error) {
  return absl::ErrnoToStatus(error, absl::StrCat("'", path, "' cannot be written"));
}

// Returns 0 or errno.
int WriteAllTo(int file, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

// Returns 0 or errno.
int WriteWhole(const std::string& path, absl::string_view text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode);
  if (file < 0) return errno;
  const int error = WriteAllTo(file, text);
  // Some file systems, such as NFS, report a full disk only here.
  if (close(file) != 0 && error == 0) return errno;
  return error;
}

// Whether `path` is a pipe, a terminal or a folder.
bool CannotBeReplaced(const std::string& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  return std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
}

// The target of a link, or the path itself.
std::filesystem::path TargetOf(const std::string& path) {
  std::error_code error;
  std::filesystem::path target = std::filesystem::canonical(path, error);
  return error ? std::filesystem::path(path) : target;
}

// Written first, then renamed over the target.
std::string PartOf(const std::filesystem::path& target) {
  return absl::StrCat(target.string(), ".part");
}

}  // namespace

absl::Status WriteFile(const std::string& path, absl::string_view text) {
  const int error = WriteWhole(path, text);
  return error == 0 ? absl::OkStatus() : NotWritten(path, error);
}

absl::Status ReplaceFile(const std::string& path, absl::string_view text) {
  if (CannotBeReplaced(path)) return WriteFile(path, text);
  const std::filesystem::path target = TargetOf(path);
  const std::string part = PartOf(target);
  std::error_code error(WriteWhole(part, text), std::generic_category());
  if (!error) {
    std::filesystem::rename(part, target, error);
    if (!error) return absl::OkStatus();
  }
  std::error_code ignored;
  std::filesystem::remove(part, ignored);
  return NotWritten(path, error.value());
}

absl::Status CheckWritable(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return NotWritten(path, EISDIR);
  // Opening a pipe would wait for a reader.
  if (CannotBeReplaced(path)) {
    return access(path.c_str(), W_OK) == 0 ? absl::OkStatus() : NotWritten(path, errno);
  }
  const std::string part = PartOf(TargetOf(path));
  const int file = open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode);
  if (file >= 0) {
    close(file);
    unlink(part.c_str());
    return absl::OkStatus();
  }
  // Left by a process that was killed, or another one is writing.
  if (errno == EEXIST && access(part.c_str(), W_OK) == 0) return absl::OkStatus();
  return NotWritten(path, errno);
}

}  // namespace mlp
