#include "server/rpc/answer_strings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

// A value in the form of "%f", without printf's overhead.
class FixedText final {
 public:
  explicit FixedText(float value)
      : end_(std::to_chars(text_.data(), text_.data() + text_.size(), double{value},
                           std::chars_format::fixed, 6)
                 .ptr) {}

  absl::string_view view() const {
    return {text_.data(), static_cast<std::size_t>(end_ - text_.data())};
  }

 private:
  std::array<char, 64> text_;  // the greatest float has 39 digits
  const char* end_;
};

}  // namespace

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
                                   const ClassNames& names) {
  std::vector<std::size_t> order(row.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // A total order needs a place for NaN.
  const auto key = [&](std::size_t unit) {
    return std::isnan(row[unit]) ? -std::numeric_limits<float>::infinity() : row[unit];
  };
  const auto greater = [&](std::size_t left, std::size_t right) {
    return key(left) != key(right) ? key(left) > key(right) : left < right;
  };
  // partial_sort compares each unit with the least of those wanted; if few are wanted, few units
  // exceed it. Otherwise, nth_element takes time linear in the units, and only those wanted are
  // sorted.
  constexpr std::int64_t kManyTimes = 16;
  if (kManyTimes * best <= static_cast<std::int64_t>(row.size())) {
    std::partial_sort(order.begin(), order.begin() + best, order.end(), greater);
  } else {
    std::nth_element(order.begin(), order.begin() + (best - 1), order.end(), greater);
    std::sort(order.begin(), order.begin() + best, greater);
  }
  std::vector<std::string> texts;
  texts.reserve(static_cast<std::size_t>(best));
  for (std::int64_t i = 0; i < best; ++i) {
    const std::size_t unit = order[static_cast<std::size_t>(i)];
    texts.push_back(absl::StrCat(FixedText(row[unit]).view(), ":", unit));
    if (unit < names.size()) absl::StrAppend(&texts.back(), ":", names.NameOf(unit));
  }
  return texts;
}

}  // namespace mlp
