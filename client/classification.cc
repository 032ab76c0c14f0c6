#include "client/classification.h"

#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace mlp {

const Tensor* FindClassScores(const InferResult& result) {
  for (const absl::string_view name : {"probabilities", "logits"}) {
    for (const Tensor& output : result.outputs) {
      if (output.name == name) return &output;
    }
  }
  return nullptr;
}

absl::Span<const float> RowOf(const Tensor& tensor, std::int64_t row) {
  const std::size_t width = tensor.values.size() / static_cast<std::size_t>(tensor.shape[0]);
  return absl::MakeConstSpan(tensor.values).subspan(static_cast<std::size_t>(row) * width, width);
}

std::int64_t ArgMax(absl::Span<const float> scores) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < scores.size(); ++i) {
    if (scores[i] > scores[best] || (std::isnan(scores[best]) && !std::isnan(scores[i]))) best = i;
  }
  return static_cast<std::int64_t>(best);
}

absl::StatusOr<std::int64_t> CountRight(const Tensor& scores,
                                        absl::Span<const std::int64_t> labels) {
  const std::int64_t rows = scores.shape[0];
  if (static_cast<std::int64_t>(labels.size()) != rows) {
    return absl::InvalidArgumentError(
        absl::StrCat(labels.size(), " labels for ", rows, " rows; expected one for each row"));
  }
  std::int64_t right = 0;
  for (std::int64_t row = 0; row < rows; ++row) {
    const absl::Span<const float> values = RowOf(scores, row);
    const auto classes = static_cast<std::int64_t>(values.size());
    const std::int64_t label = labels[row];
    if (label < 0 || label >= classes) {
      return absl::InvalidArgumentError(absl::StrCat("label ", label, " of row ", row, "; output '",
                                                     scores.name, "' has classes 0 to ",
                                                     classes - 1));
    }
    if (ArgMax(values) == label) ++right;
  }
  return right;
}

std::string FormatAccuracy(std::int64_t right, std::int64_t rows) {
  return absl::StrFormat("accuracy %d/%d = %.1f %%", right, rows,
                         100.0 * static_cast<double>(right) / static_cast<double>(rows));
}

}  // namespace mlp
