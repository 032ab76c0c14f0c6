#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/answer_writer.h"
#include "client/table.h"
#include "client/text.h"

namespace mlp {
namespace {

constexpr std::size_t kMaxShownValues = 16;

// How to show the elements of one output.
class ShownOutput final {
 public:
  explicit ShownOutput(const Tensor& output) : output_(output) {
    for (std::size_t i = 1; i < output.shape.size(); ++i) {
      width_ *= static_cast<std::size_t>(output.shape[i]);
    }
    float largest = 0.0f;
    for (const float value : output.values) {
      if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
      fractions_ = fractions_ && value >= 0 && value <= 1;
    }
    fixed_ = largest >= 0.01f && largest < 1e4f;
  }

  // The number of elements in a row, and how many of them are shown.
  std::size_t width() const { return width_; }
  std::size_t shown() const { return std::min(width_, kMaxShownValues); }
  bool has_texts() const { return output_.datatype == "BYTES"; }

  std::string Cell(std::int64_t row, std::size_t column) const {
    const std::size_t index = static_cast<std::size_t>(row) * width_ + column;
    if (!output_.strings.empty()) return Printable(output_.strings[index]);
    if (!output_.integers.empty()) return absl::StrCat(output_.integers[index]);
    const float value = output_.values[index];
    if (!fixed_) return absl::StrFormat("%.4g", value);
    return fractions_ ? absl::StrFormat("%.4f", value) : absl::StrFormat("%.3f", value);
  }

  std::string Rest() const {
    return width_ > shown() ? absl::StrCat("... (", width_, " values)") : "";
  }

 private:
  const Tensor& output_;
  std::size_t width_ = 1;
  bool fractions_ = true;
  bool fixed_ = false;
};

// One cell per row, with its values aligned with those of the other rows.
std::vector<std::string> JoinedCells(const ShownOutput& output, std::int64_t rows) {
  std::vector<std::vector<std::string>> cells;
  std::size_t width = 0;
  for (std::int64_t row = 0; row < rows; ++row) {
    std::vector<std::string>& line = cells.emplace_back();
    for (std::size_t column = 0; column < output.shown(); ++column) {
      line.push_back(output.Cell(row, column));
      width = std::max(width, DisplayWidth(line.back()));
    }
  }
  const bool one_text = output.has_texts() && output.width() == 1;
  std::vector<std::string> joined;
  for (const std::vector<std::string>& line : cells) {
    joined.push_back(absl::StrJoin(line, " ", [&](std::string* text, const std::string& cell) {
      *text +=
          output.has_texts() ? (one_text ? cell : PadRight(cell, width)) : PadLeft(cell, width);
    }));
    if (!output.Rest().empty()) absl::StrAppend(&joined.back(), " ", output.Rest());
  }
  return joined;
}

// Columns with one cell per row.
struct Columns {
  std::vector<Table::Column> heads;
  std::vector<std::vector<std::string>> cells;

  void Add(Table::Column head, std::vector<std::string> its_cells) {
    heads.push_back(std::move(head));
    cells.push_back(std::move(its_cells));
  }
};

// One column per class, after a column with the output's name.
void AddClassColumns(const Tensor& tensor, const ShownOutput& output,
                     const std::vector<std::string>& names, Columns& columns) {
  const std::int64_t rows = tensor.shape[0];
  columns.Add({absl::StrCat(Printable(tensor.name), ":"), Alignment::kLeft},
              std::vector<std::string>(static_cast<std::size_t>(rows)));
  for (std::size_t column = 0; column < output.shown(); ++column) {
    std::vector<std::string> cells;
    for (std::int64_t row = 0; row < rows; ++row) cells.push_back(output.Cell(row, column));
    columns.Add({Printable(names[column]), Alignment::kRight}, std::move(cells));
  }
  if (output.Rest().empty()) return;
  columns.Add({"", Alignment::kLeft},
              std::vector<std::string>(static_cast<std::size_t>(rows), output.Rest()));
}

template <typename CellOf>
std::vector<std::string> CellsOf(std::int64_t rows, const CellOf& cell_of) {
  std::vector<std::string> cells;
  for (std::int64_t row = 0; row < rows; ++row) cells.push_back(cell_of(row));
  return cells;
}

}  // namespace

std::string AnswerTable(const InferResult& result, const ModelMetadata& model,
                        const ClassifierAnswer& answer, const TrueClasses& classes) {
  const std::int64_t rows = result.outputs.empty() ? 0 : result.outputs[0].shape[0];
  Columns columns;
  columns.Add({"row", Alignment::kRight},
              CellsOf(rows, [](std::int64_t row) { return absl::StrCat(row); }));
  if (answer.ScoresTellMore()) {
    columns.Add({"class", answer.score_names.empty() ? Alignment::kRight : Alignment::kLeft},
                CellsOf(rows, [&](std::int64_t row) { return answer.BestClass(row); }));
  }
  if (!classes.empty()) {
    const bool taken = std::any_of(result.outputs.begin(), result.outputs.end(),
                                   [](const Tensor& output) { return output.name == "label"; });
    columns.Add({taken ? "true label" : "label",
                 classes.strings.empty() ? Alignment::kRight : Alignment::kLeft},
                CellsOf(rows, [&](std::int64_t row) { return classes.NameOf(row); }));
  }
  for (const Tensor& tensor : result.outputs) {
    const ShownOutput output(tensor);
    const std::vector<std::string> names = ClassNamesOf(model, tensor.name);
    if (output.width() > 1 && names.size() == output.width()) {
      AddClassColumns(tensor, output, names, columns);
    } else {
      columns.Add({Printable(tensor.name), Alignment::kLeft}, JoinedCells(output, rows));
    }
  }
  Table table(std::move(columns.heads));
  for (std::int64_t row = 0; row < rows; ++row) {
    std::vector<std::string> line;
    for (const auto& cells : columns.cells) line.push_back(cells[static_cast<std::size_t>(row)]);
    table.AddRow(std::move(line));
  }
  return table.ToString();
}

}  // namespace mlp
