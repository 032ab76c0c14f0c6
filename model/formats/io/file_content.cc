#include "model/formats/io/file_content.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"

namespace mlp {

int OpenToRead(const std::filesystem::path& file) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): a C interface
  return static_cast<int>(
      TEMP_FAILURE_RETRY(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)));
}

absl::StatusOr<std::string> ReadFileContent(const std::filesystem::path& file, std::int64_t most,
                                            mode_t* mode) {
  const std::string name = Quote(file.filename().string());
  const int descriptor = OpenToRead(file);
  if (descriptor < 0 && (errno == ENOENT || errno == ENOTDIR)) {
    return absl::NotFoundError(absl::StrCat("there is no file ", name));
  }
  // Sockets cannot be opened: open fails with ENXIO.
  if (descriptor < 0 && errno == ENXIO) {
    return absl::InvalidArgumentError(absl::StrCat(name, " is not a regular file"));
  }
  if (descriptor < 0 && (errno == EACCES || errno == EPERM)) {
    return absl::PermissionDeniedError(
        absl::StrCat("no permission to read the file ", name, " (this process runs as user ",
                     geteuid(), "); expected a mode such as 0640 and a group of that user's own"));
  }
  if (descriptor < 0) {
    return absl::PermissionDeniedError(absl::StrCat(
        "the file ", name, " cannot be opened: ", std::generic_category().message(errno)));
  }
  const absl::Cleanup closing = [descriptor] { close(descriptor); };
  // Checks the open file rather than the name, which may refer to another file by now. A pipe or a
  // device would block the server or never end.
  struct stat status {};
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat(name, " is not a regular file"));
  }
  if (mode != nullptr) *mode = status.st_mode;
  if (status.st_size > most) {
    return absl::InvalidArgumentError(absl::StrCat("the file ", name, " has ", status.st_size,
                                                   " bytes; expected at most ", most));
  }
  std::string content(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t part = read(descriptor, content.data() + done, content.size() - done);
    if (part < 0 && errno == EINTR) continue;
    if (part < 0) {
      return absl::PermissionDeniedError(absl::StrCat("the file ", name, " cannot be read"));
    }
    if (part == 0) break;  // the file was truncated meanwhile
    done += static_cast<std::size_t>(part);
  }
  content.resize(done);
  return content;
}

std::int64_t FileBytes(const std::filesystem::path& file) {
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(file, error);
  return error ? 0 : static_cast<std::int64_t>(bytes);
}

absl::Status WriteNewFile(const std::filesystem::path& file, absl::string_view content) {
  const std::string name = Quote(file.filename().string());
  std::error_code error;
  if (std::filesystem::exists(std::filesystem::symlink_status(file, error))) {
    return absl::AlreadyExistsError(
        absl::StrCat("the file ", name, " exists already; expected a new one"));
  }
  std::ofstream stream(file, std::ios::binary);
  stream.write(content.data(), static_cast<std::streamsize>(content.size()));
  stream.close();
  if (stream) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat("the file ", name, " cannot be written"));
}

}  // namespace mlp
