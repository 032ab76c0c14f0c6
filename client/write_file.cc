#include "client/write_file.h"

#include <fstream>

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

}  // namespace mlp
