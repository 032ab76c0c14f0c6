// Sums over watched rows of one model.

#ifndef MLP_SERVER_OBSERVE_WATCH_SUMS_H_
#define MLP_SERVER_OBSERVE_WATCH_SUMS_H_

#include <cstdint>
#include <vector>

#include "model/drift/output_form.h"

namespace mlp {

struct WatchSums {
  WatchSums() = default;
  // All zero, for a network with `input_values` input values over all inputs.
  WatchSums(std::int64_t input_values, const OutputForm& form);

  // Sets every sum to zero and keeps the memory.
  void Clear();

  // REQUIRES: `other` is of the same network.
  void Add(const WatchSums& other);

  std::int64_t rows = 0;
  std::int64_t out_of_range_rows = 0;  // with an input outside the reference's range
  std::int64_t missing_rows = 0;       // with an input that is NaN
  std::int64_t not_finite_rows = 0;    // with an input that is infinite

  // Σc and Σc² of each input value, by the reference (model/drift/baseline.h); 0 without a
  // reference.
  std::vector<double> inputs;
  std::vector<double> input_squares;

  // For a classifier. Rows whose output gives no probabilities are not counted.
  std::int64_t predicted_rows = 0;
  std::vector<std::int64_t> predicted;  // rows per predicted class
  double confidence = 0.0;              // sum of the predicted classes' probabilities

  // For a regression: like the sums of the inputs.
  std::vector<double> values;
  std::vector<double> value_squares;
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_WATCH_SUMS_H_
