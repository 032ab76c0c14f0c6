#include "client/table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/text.h"

namespace mlp {

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::AddRow(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string& cell : cells) cell = Printable(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::ToString() const {
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    std::size_t width = DisplayWidth(columns_[column].title);
    for (const auto& row : rows_) width = std::max(width, DisplayWidth(row[column]));
    widths.push_back(width);
  }

  std::string text;
  const auto add_line = [&](const auto& cell_at) {
    std::string line;
    for (std::size_t column = 0; column < columns_.size(); ++column) {
      const absl::string_view cell = cell_at(column);
      absl::StrAppend(&line, column > 0 ? "  " : "",
                      columns_[column].alignment == Alignment::kLeft
                          ? PadRight(cell, widths[column])
                          : PadLeft(cell, widths[column]));
    }
    absl::StripTrailingAsciiWhitespace(&line);
    absl::StrAppend(&text, line, "\n");
  };
  add_line([&](std::size_t column) { return absl::string_view(columns_[column].title); });
  for (const auto& row : rows_) {
    add_line([&](std::size_t column) { return absl::string_view(row[column]); });
  }
  return text;
}

}  // namespace mlp
