#include "model/formats/io/external_data.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/formats/io/open_beneath.h"
#include "model/quote.h"

namespace mlp {
namespace {

absl::Status OpenError(const std::string& what, int error) {
  if (error == ENOENT) {
    return absl::NotFoundError(absl::StrCat(
        what, " does not exist; expected next to the model's file, where the exporter wrote it"));
  }
  if (error == EXDEV) {
    return absl::InvalidArgumentError(
        absl::StrCat(what,
                     " is, or is reached through, a symbolic link that leaves the models' folder; "
                     "expected links within it"));
  }
  if (error == ELOOP) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " has too many symbolic links in its path; expected a regular file"));
  }
  return absl::PermissionDeniedError(
      absl::StrCat(what, " cannot be opened: ", std::generic_category().message(error)));
}

// Checks only the name, not the file system: no part of it leads up.
bool IsBelow(const std::filesystem::path& location) {
  return location.is_relative() &&
         std::none_of(location.begin(), location.end(),
                      [](const std::filesystem::path& part) { return part == ".."; });
}

}  // namespace

absl::StatusOr<ExternalFolder> ExternalFolder::Open(const std::filesystem::path& folder,
                                                    const ExternalData& rules) {
  const std::filesystem::path model_folder = folder.empty() ? "." : folder;
  const std::filesystem::path root = rules.root.empty() ? model_folder : rules.root;
  std::filesystem::path below =
      std::filesystem::absolute(model_folder)
          .lexically_normal()
          .lexically_relative(std::filesystem::absolute(root).lexically_normal());
  if (below.empty() || !IsBelow(below)) {
    return absl::PermissionDeniedError("the model's folder is not below the models' folder");
  }
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): a C interface
  const auto descriptor =
      static_cast<int>(TEMP_FAILURE_RETRY(open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
  if (descriptor < 0) {
    return absl::PermissionDeniedError(absl::StrCat("the model's folder cannot be opened: ",
                                                    std::generic_category().message(errno)));
  }
  return ExternalFolder(descriptor, std::move(below), rules.hard_links);
}

ExternalFolder::ExternalFolder(ExternalFolder&& other) noexcept
    : root_(std::exchange(other.root_, -1)),
      folder_(std::move(other.folder_)),
      hard_links_(other.hard_links_),
      bytes_seen_(other.bytes_seen_),
      seen_(std::move(other.seen_)) {}

ExternalFolder::~ExternalFolder() {
  if (root_ >= 0) close(root_);
}

absl::StatusOr<std::string> ExternalFolder::Read(const std::string& location, std::int64_t offset,
                                                 std::int64_t length) {
  const std::string what = absl::StrCat("the external data file ", Quote(location));
  if (location.empty() || location.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " is not a valid file name; expected a relative path"));
  }
  if (!IsBelow(location)) {
    return absl::InvalidArgumentError(absl::StrCat(
        what, " has a path outside the model's folder; expected a relative path without '..'"));
  }
  const int file = OpenBeneath(root_, (folder_ / location).string());
  if (file < 0) return OpenError(what, errno);
  const absl::Cleanup closing = [file] { close(file); };
  struct stat status {};
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat(what, " is not a regular file; expected one"));
  }
  if (status.st_nlink != 1 && !hard_links_) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " has ", status.st_nlink,
                     " hard links, of which another one may be anyone's; expected a file with one "
                     "hard link, or a server with --external-data-hard-links"));
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
    if (part <= 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(what, " cannot be read completely; expected ", length, " bytes"));
    }
    done += static_cast<std::size_t>(part);
  }
  return bytes;
}

}  // namespace mlp
