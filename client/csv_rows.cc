#include "client/csv_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

// How much of a field that is not a number an error message shows.
constexpr std::size_t kLongestShownField = 40;

// Accepts decimal numbers, nan, inf and infinity. SimpleAtof alone would also accept hexadecimal.
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

// Whether it is a byte of a UTF-8 character other than the first.
bool Continues(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

absl::Status ErrorAt(std::int64_t line, std::int64_t column, absl::string_view field,
                     absl::string_view expected) {
  absl::string_view shown = field.substr(0, kLongestShownField);
  const bool is_cut = shown.size() < field.size();
  // Do not cut within a UTF-8 character, which has at most four bytes.
  for (int i = 0; i < 3 && is_cut && Continues(field[shown.size()]); ++i) shown.remove_suffix(1);
  return absl::InvalidArgumentError(absl::StrCat("line ", line, ", column ", column, ": '", shown,
                                                 is_cut ? "..." : "", "'; ", expected));
}

struct Field {
  std::string text;  // without its quotes
  bool ends_line = false;
};

// Takes fields from the text, one after the other.
class FieldReader final {
 public:
  explicit FieldReader(absl::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  // The position of the last field taken, both from 1.
  std::int64_t line() const { return line_; }
  std::int64_t column() const { return column_; }

  // REQUIRES: !at_end(), or the last field did not end its line.
  absl::StatusOr<Field> Take() {
    if (ended_line_) {
      line_ = next_line_++;
      column_ = 0;
    }
    ++column_;
    Field field;
    if (absl::StartsWith(rest_, "\"")) {
      if (auto status = TakeQuoted(field.text); !status.ok()) return status;
    } else {
      const std::size_t end = rest_.find_first_of(",\n");
      field.text = std::string(rest_.substr(0, end));
      rest_.remove_prefix(field.text.size());
      const bool at_comma = absl::StartsWith(rest_, ",");
      if (!at_comma && absl::EndsWith(field.text, "\r")) field.text.pop_back();
    }
    ended_line_ = field.ends_line = !absl::StartsWith(rest_, ",");
    if (!rest_.empty()) rest_.remove_prefix(1);
    return field;
  }

 private:
  absl::Status TakeQuoted(std::string& text) {
    const absl::string_view from_here = rest_;
    const auto error = [&](absl::string_view expected) {
      const absl::string_view first_line = from_here.substr(0, from_here.find_first_of("\r\n"));
      return ErrorAt(line_, column_, first_line, expected);
    };
    rest_.remove_prefix(1);
    for (;;) {
      const std::size_t quote = rest_.find('"');
      if (quote == absl::string_view::npos) return error("expected a closing quote");
      absl::StrAppend(&text, rest_.substr(0, quote));
      rest_.remove_prefix(quote + 1);
      if (!absl::StartsWith(rest_, "\"")) break;
      text.push_back('"');
      rest_.remove_prefix(1);
    }
    next_line_ += std::count(text.begin(), text.end(), '\n');
    if (absl::StartsWith(rest_, "\r\n") || rest_ == "\r") rest_.remove_prefix(1);
    if (rest_.empty() || rest_[0] == ',' || rest_[0] == '\n') return absl::OkStatus();
    return error("expected a comma after the closing quote");
  }

  absl::string_view rest_;
  std::int64_t line_ = 0;
  std::int64_t next_line_ = 1;
  std::int64_t column_ = 0;
  bool ended_line_ = true;
};

// Adds `field`, the last one from `reader`, to `rows`.
absl::Status AddField(const FieldReader& reader, Field field, const TextColumns& texts,
                      Rows& rows) {
  // An empty line is not an empty cell.
  const bool is_line = reader.column() == 1 && field.ends_line;
  if (texts.Has(reader.column() - 1)) {
    rows.texts.push_back(std::move(field.text));
    return absl::OkStatus();
  }
  const absl::string_view number = absl::StripAsciiWhitespace(field.text);
  float value = std::numeric_limits<float>::quiet_NaN();
  if (number.empty() && !is_line) {
    rows.missing.emplace(reader.column() - 1, absl::StrCat("line ", reader.line(), ", column ",
                                                           reader.column(), " is empty"));
  } else if (!ParseNumber(number, value)) {
    return ErrorAt(reader.line(), reader.column(), number, "expected a number");
  }
  // SimpleAtof gives infinity for numbers out of range; an infinity that was written has an n.
  if (std::isinf(value) && number.find_first_of("nN") == absl::string_view::npos) {
    return ErrorAt(reader.line(), reader.column(), number,
                   "expected a number in the range of FP32");
  }
  rows.values.push_back(value);
  return absl::OkStatus();
}

// Skips the first line if it is a header, and takes the widths from it. An empty line is not a
// header.
void SkipHeader(FieldReader& reader, const TextColumns& texts, Rows& rows) {
  FieldReader ahead = reader;
  Rows header;
  for (bool ends_line = false; !ends_line;) {
    const absl::StatusOr<Field> field = ahead.Take();
    if (!field.ok()) return;  // reading the first row will report it
    ends_line = field->ends_line;
    const absl::string_view text = absl::StripAsciiWhitespace(field->text);
    if (ends_line && ahead.column() == 1 && text.empty()) return;
    float value = 0;
    if (texts.Has(ahead.column() - 1)) {
      ++header.text_width;
    } else if (ParseNumber(text, value)) {
      return;
    } else {
      ++header.width;
    }
  }
  reader = ahead;
  rows = header;
}

// The text without empty lines at its end.
absl::string_view WithoutEmptyEnd(absl::string_view text) {
  for (;;) {
    const std::size_t end = text.rfind('\n');
    const std::size_t begin = end == absl::string_view::npos ? 0 : end + 1;
    if (!absl::StripAsciiWhitespace(text.substr(begin)).empty()) return text;
    text = text.substr(0, begin == 0 ? 0 : end);
    if (text.empty()) return text;
  }
}

}  // namespace

absl::StatusOr<Rows> ReadCsvRows(absl::string_view text, const TextColumns& texts) {
  FieldReader reader(WithoutEmptyEnd(text));
  Rows rows;
  if (!reader.at_end()) SkipHeader(reader, texts, rows);
  std::int64_t first_line = 0;  // of the first row
  std::int64_t columns = 0;     // of the first row
  while (!reader.at_end()) {
    std::int64_t line = 0;
    for (bool ends_line = false; !ends_line;) {
      absl::StatusOr<Field> field = reader.Take();
      if (!field.ok()) return field.status();
      if (reader.column() == 1) line = reader.line();
      ends_line = field->ends_line;
      if (auto status = AddField(reader, *std::move(field), texts, rows); !status.ok()) {
        return status;
      }
    }
    if (rows.rows == 0) {
      columns = reader.column();
      rows.width = static_cast<std::int64_t>(rows.values.size());
      rows.text_width = static_cast<std::int64_t>(rows.texts.size());
      first_line = line;
    } else if (reader.column() != columns) {
      return absl::InvalidArgumentError(absl::StrCat("line ", line, " has ", reader.column(),
                                                     " columns; expected ", columns, " as in line ",
                                                     first_line));
    }
    ++rows.rows;
  }
  return rows;
}

}  // namespace mlp
