#include "client/answer_difference.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "model/output_labels.h"

namespace mlp {
namespace {

double DistanceOf(float reference, float other) {
  if (reference == other || (std::isnan(reference) && std::isnan(other))) return 0.0;
  const double distance = std::fabs(double{other} - double{reference});
  return std::isnan(distance) ? std::numeric_limits<double>::infinity() : distance;
}

}  // namespace

AnswerDifference::AnswerDifference(const NetworkOutput& output, std::int64_t width)
    : output_(output), width_(width) {}

void AnswerDifference::Add(absl::Span<const float> reference, absl::Span<const float> other) {
  const auto width = static_cast<std::size_t>(width_);
  for (std::size_t first = 0; first + width <= reference.size(); first += width) {
    const absl::Span<const float> reference_row = reference.subspan(first, width);
    const absl::Span<const float> other_row = other.subspan(first, width);
    for (std::size_t i = 0; i < width; ++i) {
      const double distance = DistanceOf(reference_row[i], other_row[i]);
      largest_ = std::max(largest_, distance);
      sum_ += distance;
    }
    ++rows_;
    if (ClassDiffers(reference_row, other_row)) ++changed_rows_;
  }
}

double AnswerDifference::mean() const {
  return rows_ == 0 ? 0.0 : sum_ / static_cast<double>(rows_ * width_);
}

bool AnswerDifference::has_classes() const {
  return width_ > 1 || output_.kind == OutputKind::kDecisions;
}

double AnswerDifference::changed_share() const {
  return rows_ == 0 ? 0.0 : static_cast<double>(changed_rows_) / static_cast<double>(rows_);
}

bool AnswerDifference::ClassDiffers(absl::Span<const float> reference,
                                    absl::Span<const float> other) const {
  if (output_.kind != OutputKind::kDecisions) return GreatestOf(reference) != GreatestOf(other);
  return !std::equal(reference.begin(), reference.end(), other.begin(), [&](float a, float b) {
    return DecisionOf(output_, a) == DecisionOf(output_, b);
  });
}

}  // namespace mlp
