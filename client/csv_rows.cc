#include "client/csv_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

// How much of a field that is no number a message shows.
constexpr std::size_t kLongestShownField = 40;

// Takes what stands before the next `separator` off `text`, and the separator with it.
absl::string_view TakeUntil(char separator, absl::string_view& text) {
  const std::size_t end = text.find(separator);
  const absl::string_view taken = text.substr(0, end);
  text.remove_prefix(end == absl::string_view::npos ? text.size() : end + 1);
  return taken;
}

// Decimal numbers, nan, inf and infinity; SimpleAtof alone would take hexadecimal ones as well.
bool ParseNumber(absl::string_view field, float& value) {
  if (field.empty()) return false;
  if (field.find_first_not_of("0123456789.+-eE") != absl::string_view::npos) {
    const absl::string_view name = field.substr(field[0] == '+' || field[0] == '-' ? 1 : 0);
    if (!absl::EqualsIgnoreCase(name, "nan") && !absl::EqualsIgnoreCase(name, "inf") &&
        !absl::EqualsIgnoreCase(name, "infinity")) {
      return false;
    }
  }
  return absl::SimpleAtof(field, &value);
}

bool HasNumber(absl::string_view line) {
  while (!line.empty()) {
    float value = 0;
    if (ParseNumber(absl::StripAsciiWhitespace(TakeUntil(',', line)), value)) return true;
  }
  return false;
}

absl::Status ErrorAt(std::int64_t line, std::int64_t column, absl::string_view field,
                     absl::string_view expected) {
  const absl::string_view dots = field.size() > kLongestShownField ? "..." : "";
  return absl::InvalidArgumentError(absl::StrCat("line ", line, ", column ", column, ": '",
                                                 field.substr(0, kLongestShownField), dots, "'; ",
                                                 expected));
}

// Adds the numbers of `line` to `rows.values` and says how many there were.
absl::StatusOr<std::int64_t> ReadLine(absl::string_view line, std::int64_t number, Rows& rows) {
  std::int64_t column = 0;
  bool more = true;
  while (more) {
    ++column;
    more = line.find(',') != absl::string_view::npos;
    const absl::string_view field = absl::StripAsciiWhitespace(TakeUntil(',', line));
    float value = std::numeric_limits<float>::quiet_NaN();
    const bool is_line = column == 1 && !more;  // an empty line is no empty cell
    if (field.empty() && !is_line) {
      rows.missing.emplace(column - 1,
                           absl::StrCat("line ", number, ", column ", column, " is empty"));
    } else if (!ParseNumber(field, value)) {
      return ErrorAt(number, column, field, "expected a number");
    }
    // Out of range comes back as infinity; only one that was meant has an n.
    if (std::isinf(value) && field.find_first_of("nN") == absl::string_view::npos) {
      return ErrorAt(number, column, field, "expected a number in the range of FP32");
    }
    rows.values.push_back(value);
  }
  return column;
}

}  // namespace

absl::StatusOr<Rows> ReadCsvRows(absl::string_view text) {
  text = absl::StripTrailingAsciiWhitespace(text);
  Rows rows;
  std::int64_t number = 0;
  std::int64_t first_number = 0;  // of the line with the first row
  while (!text.empty()) {
    ++number;
    absl::string_view line = TakeUntil('\n', text);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (number == 1 && !absl::StripAsciiWhitespace(line).empty() && !HasNumber(line)) {
      rows.width = 1 + std::count(line.begin(), line.end(), ',');
      continue;
    }

    const absl::StatusOr<std::int64_t> width = ReadLine(line, number, rows);
    if (!width.ok()) return width.status();
    if (rows.rows == 0) {
      rows.width = *width;
      first_number = number;
    } else if (*width != rows.width) {
      return absl::InvalidArgumentError(absl::StrCat("line ", number, " has ", *width,
                                                     " columns; expected ", rows.width,
                                                     " as in line ", first_number));
    }
    ++rows.rows;
  }
  return rows;
}

}  // namespace mlp
