#include "model/formats/file_content.h"

#include <fstream>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "model/quote.h"

namespace mlp {

absl::StatusOr<std::string> ReadFileContent(const std::filesystem::path& file, std::int64_t most) {
  const std::string name = Quote(file.filename().string());
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status)) {
    return absl::NotFoundError(absl::StrCat("there is no file ", name));
  }
  // A pipe or a device would keep the server waiting, or never end.
  if (!std::filesystem::is_regular_file(status)) {
    return absl::InvalidArgumentError(absl::StrCat(name, " is no regular file"));
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    return absl::PermissionDeniedError(absl::StrCat("the file ", name, " cannot be opened"));
  }
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  if (error || size > static_cast<std::uintmax_t>(most)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the file ", name, " has ", size, " bytes; expected at most ", most));
  }
  std::string content(static_cast<std::size_t>(size), '\0');
  stream.read(content.data(), static_cast<std::streamsize>(size));
  content.resize(static_cast<std::size_t>(stream.gcount()));
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
