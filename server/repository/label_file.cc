#include "server/repository/label_file.h"

#include <algorithm>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "model/formats/io/file_content.h"
#include "model/quote.h"
#include "model/utf8.h"
#include "server/memory_room.h"

namespace mlp {
namespace {

constexpr std::int64_t kMaxLabelBytes = std::int64_t{64} << 20;

}  // namespace

absl::StatusOr<std::vector<std::string>> ReadLabelFile(const std::filesystem::path& folder,
                                                       const std::string& filename,
                                                       std::int64_t units) {
  // The text, its lines with malloc's overhead for each, and the list of them.
  constexpr std::int64_t kBytesBesideALine = 16 + static_cast<std::int64_t>(sizeof(std::string));
  if (!HasMemoryRoom(2 * FileBytes(folder / filename) + kBytesBesideALine * units)) {
    return absl::ResourceExhaustedError(
        absl::StrCat("there is not enough memory to read the label file ", Quote(filename)));
  }
  const absl::StatusOr<std::string> text = ReadFileContent(folder / filename, kMaxLabelBytes);
  if (!text.ok()) return text.status();
  if (!IsUtf8(*text)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the label file ", Quote(filename), " is not UTF-8"));
  }
  const absl::string_view lines = absl::StripSuffix(*text, "\n");
  // Checked before the text is split, so that no more lines are held than there are units.
  const std::int64_t count = 1 + std::count(lines.begin(), lines.end(), '\n');
  if (count != units) {
    return absl::InvalidArgumentError(absl::StrCat("the label file ", Quote(filename), " has ",
                                                   count, " lines; expected ", units,
                                                   ", one for each unit"));
  }
  std::vector<std::string> labels;
  labels.reserve(static_cast<std::size_t>(count));
  for (const absl::string_view line : absl::StrSplit(lines, '\n')) {
    labels.emplace_back(absl::StripSuffix(line, "\r"));
  }
  return labels;
}

}  // namespace mlp
