// What a network's answers mean to drift: scores of classes, or values. All code that counts
// predicted classes uses this, so that all agree.

#ifndef MLP_MODEL_DRIFT_OUTPUT_FORM_H_
#define MLP_MODEL_DRIFT_OUTPUT_FORM_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/types/span.h"
#include "model/network.h"

namespace mlp {

enum class OutputScores {
  kNone,              // a regression
  kProbabilities,     // one for each class
  kLogProbabilities,  // logarithms of probabilities, one for each class
  kLogits,            // softmax turns them into probabilities
  kEither,            // decided for each row: values in [0, 1] with a sum of 1 ± 0.001 are
                      // probabilities, others are logits
  kOneProbability,    // of class 1 of two classes
  kOneLogit,          // the sigmoid turns it into the probability of class 1
};

struct OutputForm {
  OutputScores scores = OutputScores::kNone;
  std::size_t output = 0;    // index into Network::outputs() of the output that drift uses
  std::int64_t width = 0;    // its values for one row, Network::WidthOf
  std::int64_t classes = 0;  // 0 for a regression
  float threshold = 0.5F;    // kOneProbability, kOneLogit: a value above it is class 1

  bool is_classifier() const { return scores != OutputScores::kNone; }
};

// Applies the first rule that holds for any output, to the first output for which it holds:
//   1. labels of two units or more: their units score the classes
//   2. two values or more after softmax, log-softmax, sparsemax or hardmax
//   3. two values or more that are the inputs of one of these
//   4. one decision: two classes, separated by its threshold; a probability if it follows a sigmoid
//      or its threshold is in (0, 1), otherwise a logit
//   5. one value after a sigmoid or before one: two classes, separated at a probability of 0.5
//   6. values of an output whose name contains "logit", in any case
// Otherwise it is a regression, and the output is the first output of values, or the first output.
// Layers that only pass on all values of another layer are skipped. Thread-safe.
OutputForm OutputFormOf(const Network& network);

struct Prediction {
  std::int64_t predicted = 0;  // index of the class
  double confidence = 0.0;     // its probability; for two classes from one value: that of the
                               // likelier class
  double entropy = 0.0;        // of the probabilities, divided by ln(classes): in [0, 1]
};

// The prediction for one row's `values`, form.width of them. Nothing if they give no probabilities,
// e.g. for a NaN. Allocates nothing. REQUIRES: a classifier. Thread-safe.
std::optional<Prediction> PredictionOf(const OutputForm& form, absl::Span<const float> values);

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_OUTPUT_FORM_H_
