#include "client/watch/styled_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/text.h"

namespace mlp {
namespace {

absl::string_view StyleBegin(TextStyle style) {
  switch (style) {
    case TextStyle::kPlain:
      break;
    case TextStyle::kBold:
      return "\x1b[1m";
    case TextStyle::kFaint:
      return "\x1b[2m";
    case TextStyle::kGood:
      return "\x1b[32m";
    case TextStyle::kWarning:
      return "\x1b[33m";
    case TextStyle::kBad:
      return "\x1b[1;31m";
  }
  return "";
}

constexpr absl::string_view kStyleEnd = "\x1b[0m";

// The first `columns` characters of printable UTF-8.
absl::string_view FirstColumns(absl::string_view text, std::size_t columns) {
  std::size_t end = 0;
  for (std::size_t taken = 0; end < text.size(); ++end) {
    const bool begins = (static_cast<unsigned char>(text[end]) & 0xc0) != 0x80;
    if (begins && taken++ == columns) break;
  }
  return text.substr(0, end);
}

}  // namespace

StyledText& StyledText::Add(const std::string& text, TextStyle style) {
  if (!text.empty()) pieces_.push_back({Printable(text), style});
  return *this;
}

StyledText& StyledText::Add(const StyledText& other) {
  pieces_.insert(pieces_.end(), other.pieces_.begin(), other.pieces_.end());
  return *this;
}

std::size_t StyledText::width() const {
  std::size_t width = 0;
  for (const Piece& piece : pieces_) width += DisplayWidth(piece.text);
  return width;
}

std::string StyledText::ToString(std::size_t most_columns, bool colours) const {
  const bool is_cut = most_columns > 0 && width() > most_columns;
  std::size_t left = is_cut ? most_columns - 1 : std::string::npos;
  std::string text;
  for (const Piece& piece : pieces_) {
    const absl::string_view shown = FirstColumns(piece.text, left);
    left -= left == std::string::npos ? 0 : DisplayWidth(shown);
    if (shown.empty()) continue;
    const absl::string_view begin = colours ? StyleBegin(piece.style) : "";
    absl::StrAppend(&text, begin, shown, begin.empty() ? "" : kStyleEnd);
  }
  return is_cut ? absl::StrCat(text, "…") : text;
}

void StyledTable::AddRow(std::vector<StyledText> cells) {
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::vector<StyledText> StyledTable::Lines() const {
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    std::size_t width = DisplayWidth(columns_[column].title);
    for (const auto& row : rows_) width = std::max(width, row[column].width());
    widths.push_back(width);
  }
  std::vector<StyledText> lines;
  const auto add_line = [&](const auto& cell_at) {
    StyledText line;
    std::size_t owed = 0;  // spaces before the next non-empty cell
    for (std::size_t column = 0; column < columns_.size(); ++column) {
      const StyledText cell = cell_at(column);
      const std::size_t padding = widths[column] - cell.width();
      const bool right = columns_[column].right;
      owed += (column > 0 ? 2 : 0) + (right ? padding : 0);
      if (cell.width() > 0) {
        line.Add(std::string(owed, ' ')).Add(cell);
        owed = 0;
      }
      owed += right ? 0 : padding;
    }
    lines.push_back(std::move(line));
  };
  add_line(
      [&](std::size_t column) { return StyledText(columns_[column].title, TextStyle::kFaint); });
  for (const auto& row : rows_) {
    add_line([&](std::size_t column) { return row[column]; });
  }
  return lines;
}

}  // namespace mlp
