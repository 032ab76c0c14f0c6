#include "client/rows_in_parts.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/text.h"

namespace mlp {
namespace {

absl::StatusOr<Rows> ReadPart(const std::string& file, std::istream& in, RowsFormat format,
                              const TextColumns& texts) {
  const bool from_stream = file == "-";
  const std::string name = from_stream ? "standard input" : absl::StrCat("'", file, "'");
  const absl::StatusOr<std::string> contents = from_stream ? ReadAll(in, name) : ReadFile(file);
  if (!contents.ok()) return contents.status();
  absl::StatusOr<Rows> rows = ReadRows(*contents, format, texts);
  if (rows.ok()) {
    for (auto& [column, place] : rows->missing) place = absl::StrCat(name, ": ", place);
    return rows;
  }
  return absl::Status(rows.status().code(), absl::StrCat(name, ": ", rows.status().message()));
}

}  // namespace

absl::StatusOr<Rows> ReadRowsInParts(const std::vector<std::string>& files, std::istream& in,
                                     RowsFormat format, const TextColumns& texts) {
  if (files.empty()) return ReadPart("-", in, format, texts);
  Rows whole;
  for (const std::string& file : files) {
    absl::StatusOr<Rows> part = ReadPart(file, in, format, texts);
    if (!part.ok()) return part.status();
    if (whole.rows == 0) {
      whole = *std::move(part);
      continue;
    }
    if (part->rows == 0) continue;
    if (part->width != whole.width || part->text_width != whole.text_width) {
      return absl::InvalidArgumentError(absl::StrCat("'", file, "' has rows of ",
                                                     FormatCount(part->width + part->text_width),
                                                     " values; those of the files before it have ",
                                                     FormatCount(whole.width + whole.text_width)));
    }
    whole.rows += part->rows;
    whole.values.insert(whole.values.end(), part->values.begin(), part->values.end());
    whole.texts.insert(whole.texts.end(), std::make_move_iterator(part->texts.begin()),
                       std::make_move_iterator(part->texts.end()));
    whole.missing.insert(part->missing.begin(), part->missing.end());
  }
  return whole;
}

}  // namespace mlp
