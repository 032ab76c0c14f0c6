#include "client/write_file.h"

#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace mlp {

absl::Status WriteFile(const std::string& path, absl::string_view text) {
  std::ofstream out(path, std::ios::binary);
  out << text << std::flush;
  if (!out.good()) {
    return absl::PermissionDeniedError(absl::StrCat("'", path, "' cannot be written"));
  }
  return absl::OkStatus();
}

absl::Status ReplaceFile(const std::string& path, absl::string_view text) {
  std::error_code error;
  const std::filesystem::file_status there = std::filesystem::status(path, error);
  // A pipe or a terminal cannot be replaced.
  if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there)) {
    return WriteFile(path, text);
  }
  // Where it is a link, what that leads to.
  std::filesystem::path target = std::filesystem::canonical(path, error);
  if (error) target = path;
  const std::string part = absl::StrCat(target.string(), ".part");
  const absl::Status written = WriteFile(part, text);
  if (written.ok()) {
    std::filesystem::rename(part, target, error);
    if (!error) return absl::OkStatus();
  }
  std::filesystem::remove(part, error);
  return absl::PermissionDeniedError(absl::StrCat("'", path, "' cannot be written"));
}

}  // namespace mlp
