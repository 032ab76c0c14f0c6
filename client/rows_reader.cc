#include "client/rows_reader.h"

#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/csv_rows.h"
#include "client/json_rows.h"
#include "client/npy.h"
#include "client/npy_header.h"

namespace mlp {
namespace {

constexpr std::size_t kMostInputBytes = std::size_t{4} << 30;
constexpr std::size_t kReadBytes = std::size_t{1} << 20;

// What some editors put before UTF-8 text.
constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

RowsFormat GuessFormat(absl::string_view file) {
  if (absl::StartsWith(file, kNpyMagic)) return RowsFormat::kNpy;
  const std::size_t first = file.find_first_not_of(" \t\r\n");
  if (first != absl::string_view::npos && (file[first] == '[' || file[first] == '{')) {
    return RowsFormat::kJson;
  }
  return RowsFormat::kCsv;
}

absl::StatusOr<Rows> ReadNpyRows(absl::string_view file) {
  absl::StatusOr<NpyArray<float>> array = ReadNpyFloats(file);
  if (!array.ok()) return array.status();
  if (array->shape.empty()) {
    return absl::InvalidArgumentError("the .npy file holds a single number; expected rows");
  }
  Rows rows;
  if (array->values.empty()) {
    if (array->shape[0] > 0) {
      return absl::InvalidArgumentError("the .npy file's rows hold no values");
    }
    std::int64_t width = array->shape.size() == 1 ? 0 : 1;
    for (std::size_t i = 1; i < array->shape.size(); ++i) {
      if (__builtin_mul_overflow(width, array->shape[i], &width)) width = 0;
    }
    rows.width = width;
    return rows;
  }
  rows.rows = array->shape.size() == 1 ? 1 : array->shape[0];
  rows.width = static_cast<std::int64_t>(array->values.size()) / rows.rows;
  rows.values = std::move(array->values);
  return rows;
}

}  // namespace

absl::Status CheckComplete(const Rows& rows) {
  if (rows.rows == 0) return absl::InvalidArgumentError("no rows; expected at least one");
  if (rows.missing.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(rows.missing.begin()->second, "; expected a number"));
}

RowsFormat RowsFormatNamed(absl::string_view name) {
  if (name == "json") return RowsFormat::kJson;
  if (name == "csv") return RowsFormat::kCsv;
  if (name == "npy") return RowsFormat::kNpy;
  return RowsFormat::kAuto;
}

absl::StatusOr<Rows> ReadRows(absl::string_view file, RowsFormat format, const TextColumns& texts) {
  if (absl::StartsWith(file, kByteOrderMark)) file.remove_prefix(kByteOrderMark.size());
  switch (format == RowsFormat::kAuto ? GuessFormat(file) : format) {
    case RowsFormat::kNpy:
      if (!texts.empty()) {
        return absl::InvalidArgumentError(
            "a .npy file holds numbers; expected JSON or CSV, for the model takes texts too");
      }
      return ReadNpyRows(file);
    case RowsFormat::kJson:
      return ReadJsonRows(file, texts);
    default:
      return ReadCsvRows(file, texts);
  }
}

absl::StatusOr<std::string> ReadAll(std::istream& in, absl::string_view name) {
  std::string contents;
  std::size_t size = 0;
  do {
    contents.resize(size + kReadBytes);
    in.read(contents.data() + size, kReadBytes);
    size += static_cast<std::size_t>(in.gcount());
    if (size > kMostInputBytes) {
      return absl::ResourceExhaustedError(
          absl::StrCat(name, " holds more than ", kMostInputBytes, " bytes"));
    }
  } while (in.good());
  if (in.bad()) return absl::InvalidArgumentError(absl::StrCat(name, " cannot be read"));
  contents.resize(size);
  return contents;
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in.is_open()) {
    return absl::NotFoundError(
        absl::StrCat("'", path, "': ", std::generic_category().message(errno)));
  }
  return ReadAll(in, absl::StrCat("'", path, "'"));
}

}  // namespace mlp
