// What a network's answers are to drift: scores of classes or values. Everything that counts
// predicted classes asks here, so that all mean the same.

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
  kLogProbabilities,  // their logarithms
  kLogits,            // softmax makes probabilities of them
  kEither,            // by row: values in [0, 1] with a sum of 1 ± 0.001 are probabilities, else
                      // logits
  kOneProbability,    // of class 1 of two
  kOneLogit,          // the sigmoid makes that of it
};

struct OutputForm {
  OutputScores scores = OutputScores::kNone;
  std::size_t output = 0;    // index into Network::outputs(): the one that is looked at
  std::int64_t width = 0;    // its values of one row, Network::WidthOf
  std::int64_t classes = 0;  // 0 for a regression
  float threshold = 0.5F;    // kOneProbability, kOneLogit: a value above it is class 1

  bool is_classifier() const { return scores != OutputScores::kNone; }
};

// The first rule that holds for any output, and of several outputs the first one:
//   1. labels of two units or more: their units score the classes
//   2. two values or more behind softmax, log-softmax, sparsemax or hardmax
//   3. two values or more that go into one of these
//   4. one decision: two classes, parted by its threshold; a probability behind a sigmoid or with a
//      threshold in (0, 1), else a logit
//   5. one value behind a sigmoid, or going into one: two classes, parted at a probability of 0.5
//   6. values of an output whose name has "logit" in it, in any case
// Otherwise it is a regression, and looked at is the first output of values, or the first one.
// Wiring that only passes a whole layer on is seen through. Thread-safe.
OutputForm OutputFormOf(const Network& network);

struct Prediction {
  std::int64_t predicted = 0;  // index of the class
  double confidence = 0.0;     // its probability; of two classes by one value, the likelier one's
  double entropy = 0.0;        // of the probabilities, over ln(classes): in [0, 1]
};

// Of one row's `values`, form.width of them. Nothing where they give no probabilities, such as for
// a NaN. Allocates nothing. REQUIRES: a classifier. Thread-safe.
std::optional<Prediction> PredictionOf(const OutputForm& form, absl::Span<const float> values);

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_OUTPUT_FORM_H_
