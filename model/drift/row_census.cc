#include "model/drift/row_census.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "model/grouped_digits.h"

namespace mlp {
namespace {

// Rows that are not finite cause a warning beyond this share of all rows.
constexpr double kMaxNotFinite = 0.01;

constexpr std::size_t kMaxNamedInputs = 5;

bool IsFinite(float value) { return std::isfinite(value); }

// "3 of 64 inputs never vary: 0, 32 and 39"; of many inputs, names only the first.
std::string SentenceOf(const std::vector<std::size_t>& places, std::size_t inputs,
                       absl::string_view what) {
  const std::size_t named = std::min(places.size(), kMaxNamedInputs);
  std::string sentence = absl::StrCat(
      GroupedDigits(static_cast<std::int64_t>(places.size())), " of ",
      GroupedDigits(static_cast<std::int64_t>(inputs)), " inputs never ", what, ": ",
      absl::StrJoin(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(named), ", "));
  if (places.size() > named) {
    absl::StrAppend(&sentence, " and ",
                    GroupedDigits(static_cast<std::int64_t>(places.size() - named)), " more");
  }
  return sentence;
}

}  // namespace

RowCensus::RowCensus(const Network& network, std::int64_t most_distinct)
    : most_distinct_(static_cast<std::size_t>(most_distinct)) {
  for (const TensorSpec& input : network.inputs()) widths_.push_back(input.width());
}

void RowCensus::Add(std::int64_t rows, absl::Span<const float* const> inputs, const float* answers,
                    std::int64_t width) {
  for (std::int64_t row = 0; row < rows; ++row) {
    if (!AddInputs(row, inputs)) ++not_finite_rows_;
    const float* const answer = answers + row * width;
    if (std::any_of(answer, answer + width, IsFinite)) ++answered_rows_;
  }
  rows_ += rows;
}

// Returns whether all values are finite.
bool RowCensus::AddInputs(std::int64_t row, absl::Span<const float* const> inputs) {
  const bool is_hashed = hashes_.size() < most_distinct_;
  bool all_finite = true;
  std::size_t hash = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const float* const first = inputs[i] + row * widths_[i];
    all_finite = all_finite && std::all_of(first, first + widths_[i], IsFinite);
    if (!is_hashed) continue;
    const absl::string_view bytes(reinterpret_cast<const char*>(first),
                                  static_cast<std::size_t>(widths_[i]) * sizeof(float));
    hash = absl::HashOf(hash, bytes);
  }
  if (is_hashed) hashes_.insert(hash);
  return all_finite;
}

std::vector<std::string> WarningsOf(const RowCensus& census, const ValueReference& inputs) {
  std::vector<std::string> warnings;
  const double share =
      static_cast<double>(census.not_finite_rows()) / static_cast<double>(census.rows());
  if (share > kMaxNotFinite) {
    warnings.push_back(absl::StrFormat("%s of %s rows (%.1f %%) have a NaN or an infinity",
                                       GroupedDigits(census.not_finite_rows()),
                                       GroupedDigits(census.rows()), 100.0 * share));
  }
  std::vector<std::size_t> never_finite;
  std::vector<std::size_t> never_vary;
  for (std::size_t i = 0; i < inputs.minimum.size(); ++i) {
    // The range that ValueSums gives a value that was never finite.
    if (inputs.minimum[i] == std::numeric_limits<float>::lowest() &&
        inputs.maximum[i] == std::numeric_limits<float>::max()) {
      never_finite.push_back(i);
    } else if (inputs.minimum[i] == inputs.maximum[i]) {
      never_vary.push_back(i);
    }
  }
  if (!never_finite.empty()) {
    warnings.push_back(SentenceOf(never_finite, inputs.minimum.size(), "are finite"));
  }
  if (!never_vary.empty()) {
    warnings.push_back(SentenceOf(never_vary, inputs.minimum.size(), "vary"));
  }
  return warnings;
}

}  // namespace mlp
