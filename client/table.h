// A table of text in aligned columns.

#ifndef MLP_CLIENT_TABLE_H_
#define MLP_CLIENT_TABLE_H_

#include <string>
#include <vector>

namespace mlp {

enum class Alignment { kLeft, kRight };

// Collects rows, then formats them as text. Each column is as wide as its widest cell, with two
// spaces between columns and none at line ends. Cells are made printable (client/text.h). Not
// thread-safe.
class Table final {
 public:
  struct Column {
    std::string title;
    Alignment alignment = Alignment::kLeft;
  };

  explicit Table(std::vector<Column> columns);

  // Adds a row. Missing cells at its end are empty; there may not be more cells than columns.
  void AddRow(std::vector<std::string> cells);

  // The titles and the rows, one line each, each ended by \n.
  std::string ToString() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace mlp

#endif  // MLP_CLIENT_TABLE_H_
