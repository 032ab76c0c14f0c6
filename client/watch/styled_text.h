// Lines of text with colours, for a terminal or for a pipe.
//
// What names and messages hold is made printable where a line becomes text, so nothing that comes
// from a server steers the terminal. Not thread-safe.

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

  // The columns that it takes.
  std::size_t width() const;

  // Without a line end, cut to `most_columns` (0: not cut). Without `colours` it has no escape
  // sequences at all.
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

  // Cells that are missing at its end stay empty; there may not be more than columns.
  void AddRow(std::vector<StyledText> cells);

  // The titles, then the rows.
  std::vector<StyledText> Lines() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<StyledText>> rows_;
};

}  // namespace mlp

#endif  // MLP_CLIENT_WATCH_STYLED_TEXT_H_
