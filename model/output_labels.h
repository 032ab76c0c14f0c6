// Turns the values of a row into a label or decisions.

#ifndef MLP_MODEL_OUTPUT_LABELS_H_
#define MLP_MODEL_OUTPUT_LABELS_H_

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
#include "model/network.h"

namespace mlp {

// The position of the greatest value, the first one of equals; NaN is never greater. REQUIRES: at
// least one value.
std::size_t GreatestOf(absl::Span<const float> values);

// An output of kind kDecisions: whether the value of one unit is above the output's threshold.
std::int64_t DecisionOf(const NetworkOutput& output, float value);

}  // namespace mlp

#endif  // MLP_MODEL_OUTPUT_LABELS_H_
