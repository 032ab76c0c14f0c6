#include "client/answer_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "client/classification.h"
#include "client/npy.h"
#include "client/table.h"
#include "client/text.h"

namespace mlp {
namespace {

constexpr std::size_t kMostShownValues = 16;

// A cell for each row of `output`, its values aligned with those of the rows above and below.
std::vector<std::string> OutputCells(const Tensor& output) {
  float largest = 0.0f;
  bool fractions = true;
  for (const float value : output.values) {
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
    fractions = fractions && value >= 0 && value <= 1;
  }
  const bool fixed = largest >= 0.01f && largest < 1e4f;
  const auto format = [&](float value) {
    if (!fixed) return absl::StrFormat("%.4g", value);
    return fractions ? absl::StrFormat("%.4f", value) : absl::StrFormat("%.3f", value);
  };
  const auto shown_of = [](absl::Span<const float> values) {
    return values.subspan(0, kMostShownValues);
  };
  std::size_t width = 0;
  for (std::int64_t row = 0; row < output.shape[0]; ++row) {
    for (const float value : shown_of(RowOf(output, row))) {
      width = std::max(width, format(value).size());
    }
  }
  std::vector<std::string> cells;
  for (std::int64_t row = 0; row < output.shape[0]; ++row) {
    const absl::Span<const float> values = RowOf(output, row);
    cells.push_back(absl::StrCat(
        absl::StrJoin(
            shown_of(values), " ",
            [&](std::string* text, float value) { *text += PadLeft(format(value), width); }),
        values.size() > kMostShownValues ? absl::StrCat(" ... (", values.size(), " values)") : ""));
  }
  return cells;
}

std::string JsonString(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', /*ensure_ascii=*/false,
                                   nlohmann::json::error_handler_t::replace);
}

void AppendJsonNumber(float value, std::string& text) {
  if (!std::isfinite(value)) {
    text += "null";
    return;
  }
  std::array<char, 32> digits{};  // the shortest form of a float has 15 characters at most
  const auto [end, error] = std::to_chars(digits.begin(), digits.end(), value);
  text.append(digits.data(), end);
}

void AppendJsonArray(const Tensor& tensor, std::size_t dimension, std::size_t& next,
                     std::string& text) {
  text += '[';
  for (std::int64_t i = 0; i < tensor.shape[dimension]; ++i) {
    if (i > 0) text += dimension == 0 ? ",\n      " : ", ";
    if (dimension + 1 < tensor.shape.size()) {
      AppendJsonArray(tensor, dimension + 1, next, text);
    } else {
      AppendJsonNumber(tensor.values[next++], text);
    }
  }
  text += ']';
}

}  // namespace

std::string AnswerTable(const InferResult& result, const Tensor* scores,
                        absl::Span<const std::int64_t> labels) {
  std::vector<Table::Column> columns = {{"row", Alignment::kRight}};
  if (scores != nullptr) columns.push_back({"class", Alignment::kRight});
  if (!labels.empty()) columns.push_back({"label", Alignment::kRight});
  std::vector<std::vector<std::string>> cells;
  for (const Tensor& output : result.outputs) {
    columns.push_back({Printable(output.name), Alignment::kLeft});
    cells.push_back(OutputCells(output));
  }
  const std::int64_t rows = result.outputs.empty() ? 0 : result.outputs[0].shape[0];
  Table table(std::move(columns));
  for (std::int64_t row = 0; row < rows; ++row) {
    std::vector<std::string> line = {absl::StrCat(row)};
    if (scores != nullptr) line.push_back(absl::StrCat(ArgMax(RowOf(*scores, row))));
    if (!labels.empty()) line.push_back(absl::StrCat(labels[row]));
    for (const auto& output_cells : cells) line.push_back(output_cells[row]);
    table.AddRow(std::move(line));
  }
  return table.ToString();
}

std::string AnswerJson(const InferResult& result) {
  std::string text =
      absl::StrCat("{\n  \"model\": ", JsonString(result.model),
                   ",\n  \"version\": ", JsonString(result.version), ",\n  \"outputs\": {");
  for (std::size_t i = 0; i < result.outputs.size(); ++i) {
    absl::StrAppend(&text, i > 0 ? "," : "", "\n    ", JsonString(result.outputs[i].name), ": ");
    std::size_t next = 0;
    AppendJsonArray(result.outputs[i], 0, next, text);
  }
  text += "\n  }\n}\n";
  return text;
}

absl::StatusOr<std::string> AnswerNpy(const InferResult& result) {
  if (result.outputs.size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a .npy file holds one output and the answer has ", result.outputs.size(), " (",
        absl::StrJoin(result.outputs, ", ",
                      [](std::string* out, const Tensor& tensor) { *out += tensor.name; }),
        "); name one with --outputs"));
  }
  return WriteNpy(result.outputs[0].shape, result.outputs[0].values);
}

}  // namespace mlp
