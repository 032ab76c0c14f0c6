// Reads a classifier's answer: which class each row is, and how often that is right.
//
// Every function is thread-safe.

#ifndef MLP_CLIENT_CLASSIFICATION_H_
#define MLP_CLIENT_CLASSIFICATION_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "client/client.h"

namespace mlp {

// The output that scores the classes: "probabilities", else "logits", else null.
const Tensor* FindClassScores(const InferResult& result);

// The values of one row of `tensor`, which has rows. `row` is in [0, tensor.shape[0]).
absl::Span<const float> RowOf(const Tensor& tensor, std::int64_t row);

// The index of the largest value, of the first where several are; a NaN is never the largest. 0 if
// all are NaN. `scores` is not empty.
std::int64_t ArgMax(absl::Span<const float> scores);

// How many rows have their label as the ArgMax of `scores`. INVALID_ARGUMENT if
// labels and rows differ in number, or a label is no class of `scores`.
absl::StatusOr<std::int64_t> CountRight(const Tensor& scores,
                                        absl::Span<const std::int64_t> labels);

// "accuracy 350/360 = 97.2 %". `rows` is at least 1.
std::string FormatAccuracy(std::int64_t right, std::int64_t rows);

}  // namespace mlp

#endif  // MLP_CLIENT_CLASSIFICATION_H_
