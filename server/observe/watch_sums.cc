#include "server/observe/watch_sums.h"

#include <algorithm>
#include <cstddef>

namespace mlp {
namespace {

template <typename Number>
void AddOneByOne(const std::vector<Number>& from, std::vector<Number>& to) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

}  // namespace

WatchSums::WatchSums(std::int64_t input_values, const OutputForm& form)
    : inputs(static_cast<std::size_t>(input_values)),
      input_squares(inputs.size()),
      predicted(static_cast<std::size_t>(form.classes)),
      values(static_cast<std::size_t>(form.is_classifier() ? 0 : form.width)),
      value_squares(values.size()) {}

void WatchSums::Clear() {
  rows = out_of_range_rows = missing_rows = not_finite_rows = predicted_rows = 0;
  confidence = 0.0;
  std::fill(predicted.begin(), predicted.end(), 0);
  for (std::vector<double>* const sums : {&inputs, &input_squares, &values, &value_squares}) {
    std::fill(sums->begin(), sums->end(), 0.0);
  }
}

void WatchSums::Add(const WatchSums& other) {
  rows += other.rows;
  out_of_range_rows += other.out_of_range_rows;
  missing_rows += other.missing_rows;
  not_finite_rows += other.not_finite_rows;
  predicted_rows += other.predicted_rows;
  confidence += other.confidence;
  AddOneByOne(other.predicted, predicted);
  AddOneByOne(other.inputs, inputs);
  AddOneByOne(other.input_squares, input_squares);
  AddOneByOne(other.values, values);
  AddOneByOne(other.value_squares, value_squares);
}

}  // namespace mlp
