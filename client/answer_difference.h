// How far two answers to the same rows are apart: those of a model whose weights are stored in
// fewer bits, say, and of the same with all of them.

#ifndef MLP_CLIENT_ANSWER_DIFFERENCE_H_
#define MLP_CLIENT_ANSWER_DIFFERENCE_H_

#include <cstdint>

#include "absl/types/span.h"
#include "model/network.h"

namespace mlp {

// Of one output, over all rows that were added. Not thread-safe.
class AnswerDifference final {
 public:
  // `output` has `width` >= 1 values a row, and must outlive this.
  AnswerDifference(const NetworkOutput& output, std::int64_t width);

  // Adds rows: both spans are [rows, width], row-major and equally long. Values that are the same,
  // two infinities or two NaN, do not differ; one NaN or infinity makes the difference infinite.
  void Add(absl::Span<const float> reference, absl::Span<const float> other);

  std::int64_t rows() const { return rows_; }

  // Of |other - reference| over all values. 0 without rows.
  double largest() const { return largest_; }
  double mean() const;

  // Whether its rows tell a class: they have two values or more, or the output is decisions.
  bool has_classes() const;

  // The share of the rows whose class differs: the position of the greatest value, or for decisions
  // any of them. 0 without rows.
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
