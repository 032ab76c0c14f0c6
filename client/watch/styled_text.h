// Coloured lines of text for a terminal or a pipe.
//
// All text is made printable when it is added, so nothing from a server can control the terminal.
// Not thread-safe.

#ifndef MLP_CLIENT_WATCH_STYLED_TEXT_H_
#define MLP_CLIENT_WATCH_STYLED_TEXT_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace mlp {

enum class TextStyle { kPlain, kBold, kFaint, kGood, kWarning, kBad };

class StyledText final {
 public:
  StyledText() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): a plain text is a styled one
  StyledText(const std::string& text, TextStyle style = TextStyle::kPlain) { Add(text, style); }

  StyledText& Add(const std::string& text, TextStyle style = TextStyle::kPlain);
  StyledText& Add(const StyledText& other);

  // The width in columns.
  std::size_t width() const;

  // The line without a line end, cut to `most_columns` (0: not cut). Without `colours` it has no
  // escape sequences.
  std::string ToString(std::size_t most_columns, bool colours) const;

 private:
  struct Piece {
    std::string text;  // printable
    TextStyle style;
  };

  std::vector<Piece> pieces_;
};

// A table of styled cells, each column as wide as its widest cell, two spaces between columns.
class StyledTable final {
 public:
  struct Column {
    std::string title;
    bool right = false;  // aligned
  };

  explicit StyledTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // Missing cells at the end are empty; there may not be more cells than columns.
  void AddRow(std::vector<StyledText> cells);

  // The titles, then the rows.
  std::vector<StyledText> Lines() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<StyledText>> rows_;
};

}  // namespace mlp

#endif  // MLP_CLIENT_WATCH_STYLED_TEXT_H_
