// How much two answers to the same rows differ: for example, those of a model with its weights in
// fewer bits and in full precision.

#ifndef MLP_CLIENT_ANSWER_DIFFERENCE_H_
#define MLP_CLIENT_ANSWER_DIFFERENCE_H_

#include <cstdint>

#include "absl/types/span.h"
#include "model/network.h"

namespace mlp {

// For one output, over all rows added. Not thread-safe.
class AnswerDifference final {
 public:
  // `output` has `width` >= 1 values per row and must outlive this object.
  AnswerDifference(const NetworkOutput& output, std::int64_t width);

  // Adds rows: both spans are [rows, width], row-major and of equal length. Equal values do not
  // differ, nor do two equal infinities or two NaNs. One NaN or infinity makes the difference
  // infinite.
  void Add(absl::Span<const float> reference, absl::Span<const float> other);

  std::int64_t rows() const { return rows_; }

  // Of |other - reference| over all values; 0 without rows.
  double largest() const { return largest_; }
  double mean() const;

  // Whether rows have a class: if they have two or more values, or the output is decisions.
  bool has_classes() const;

  // The share of rows whose class differs. The class is the position of the greatest value; for
  // decisions, a row differs if any of them does. 0 without rows.
  double changed_share() const;

 private:
  bool ClassDiffers(absl::Span<const float> reference, absl::Span<const float> other) const;

  const NetworkOutput& output_;
  std::int64_t width_;
  std::int64_t rows_ = 0;
  std::int64_t changed_rows_ = 0;
  double largest_ = 0.0;
  double sum_ = 0.0;
};

}  // namespace mlp

#endif  // MLP_CLIENT_ANSWER_DIFFERENCE_H_
