#include "server/rpc/answer_strings.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace mlp {

AnswerStrings::AnswerStrings(bool raw, inference::ModelInferResponse::InferOutputTensor& output,
                             inference::ModelInferResponse& response) {
  if (raw) {
    raw_ = response.add_raw_output_contents();
  } else {
    typed_ = output.mutable_contents();
  }
}

void AnswerStrings::Add(absl::string_view element) {
  if (typed_ != nullptr) {
    typed_->add_bytes_contents(element.data(), element.size());
    return;
  }
  const auto size = static_cast<std::uint32_t>(element.size());
  raw_->append(reinterpret_cast<const char*>(&size), sizeof(size));
  raw_->append(element.data(), element.size());
}

std::vector<std::string> BestUnits(absl::Span<const float> row, std::int64_t best,
                                   absl::Span<const std::string> labels) {
  std::vector<std::size_t> order(row.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // A total order needs NaN somewhere.
  const auto key = [&](std::size_t unit) {
    return std::isnan(row[unit]) ? -std::numeric_limits<float>::infinity() : row[unit];
  };
  std::partial_sort(order.begin(), order.begin() + best, order.end(),
                    [&](std::size_t left, std::size_t right) {
                      return key(left) != key(right) ? key(left) > key(right) : left < right;
                    });
  std::vector<std::string> texts;
  for (std::int64_t i = 0; i < best; ++i) {
    const std::size_t unit = order[static_cast<std::size_t>(i)];
    std::string text = absl::StrFormat("%f:%d", row[unit], unit);
    if (unit < labels.size()) absl::StrAppend(&text, ":", labels[unit]);
    texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace mlp
