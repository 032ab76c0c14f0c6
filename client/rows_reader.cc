#include "client/rows_reader.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
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
#include "client/text.h"

namespace mlp {
namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 20;

// How far to look for zero bytes, which no text contains.
constexpr std::size_t kLookedAtBytes = std::size_t{1} << 16;

// Some editors put this before UTF-8 text.
constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

// UTF-16 text starts with one of these, depending on byte order.
bool IsUtf16(absl::string_view file) {
  return absl::StartsWith(file, "\xFF\xFE") || absl::StartsWith(file, "\xFE\xFF");
}

absl::Status CheckIsText(absl::string_view file) {
  if (IsUtf16(file)) return absl::InvalidArgumentError("UTF-16; expected text in UTF-8");
  if (file.substr(0, kLookedAtBytes).find('\0') == absl::string_view::npos) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("not text: it contains zero bytes; expected JSON, CSV or .npy");
}

RowsFormat GuessFormat(absl::string_view file) {
  // ReadNpyHeader has the error for archives.
  if (absl::StartsWith(file, kNpyMagic) || IsZipArchive(file)) return RowsFormat::kNpy;
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
  if (format == RowsFormat::kAuto) format = GuessFormat(file);
  if (format == RowsFormat::kNpy) {
    if (texts.empty()) return ReadNpyRows(file);
    return absl::InvalidArgumentError(
        "a .npy file holds numbers; expected JSON or CSV, because the model has text inputs");
  }
  if (absl::Status status = CheckIsText(file); !status.ok()) return status;
  return format == RowsFormat::kJson ? ReadJsonRows(file, texts) : ReadCsvRows(file, texts);
}

absl::StatusOr<std::string> ReadAll(std::istream& in, absl::string_view name,
                                    const InputLimits& limits) {
  const std::size_t most = limits.stream_bytes;
  std::string contents;
  std::size_t size = 0;
  do {
    const std::size_t wanted = size + std::min(kReadBytes, most + 1 - size);
    if (wanted > contents.capacity()) {
      // Double like std::string, but never far beyond the limit.
      const std::size_t doubled = 2 * contents.capacity();
      contents.reserve(doubled >= most ? most + 1 : std::max(wanted, doubled));
    }
    contents.resize(wanted);
    in.read(contents.data() + size, static_cast<std::streamsize>(wanted - size));
    size += static_cast<std::size_t>(in.gcount());
    if (size > most) {
      return absl::ResourceExhaustedError(
          absl::StrCat(name, " gives more than ", FormatCount(static_cast<std::int64_t>(most)),
                       " bytes, the limit for a pipe or a device; pass a larger input as a file"));
    }
  } while (in.good());
  if (in.bad()) return absl::InvalidArgumentError(absl::StrCat(name, " cannot be read"));
  contents.resize(size);
  return contents;
}

absl::StatusOr<std::string> ReadFile(const std::string& path, const InputLimits& limits) {
  const std::string name = absl::StrCat("'", path, "'");
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return absl::ErrnoToStatus(EISDIR, name);
  std::ifstream in(path, std::ios::binary);
  if (!in.is_open()) return absl::ErrnoToStatus(errno, name);
  const bool is_file = std::filesystem::is_regular_file(path, error);
  const std::uintmax_t bytes = is_file ? std::filesystem::file_size(path, error) : 0;
  // Files in /proc report no size.
  if (error || bytes == 0) return ReadAll(in, name, limits);
  if (bytes > limits.file_bytes) {
    return absl::ResourceExhaustedError(absl::StrCat(
        name, " has ", FormatCount(static_cast<std::int64_t>(bytes)), " bytes; expected at most ",
        FormatCount(static_cast<std::int64_t>(limits.file_bytes))));
  }
  std::string contents(bytes, '\0');
  in.read(contents.data(), static_cast<std::streamsize>(bytes));
  if (in.bad()) return absl::InvalidArgumentError(absl::StrCat(name, " cannot be read"));
  contents.resize(static_cast<std::size_t>(in.gcount()));
  return contents;
}

}  // namespace mlp
