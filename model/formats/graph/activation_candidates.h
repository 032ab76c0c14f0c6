// The activations of the registry as candidates for what a formula is.

#ifndef MLP_MODEL_FORMATS_GRAPH_ACTIVATION_CANDIDATES_H_
#define MLP_MODEL_FORMATS_GRAPH_ACTIVATION_CANDIDATES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "model/activations/activation.h"

namespace mlp {

// The element-wise activation whose values at `points`, which are floats, are `values`; its
// parameters are among the `constants`, what they make of each other, 0 and 1. The one with the
// fewest parameters where there are several. Counts `evaluations_left` down, and gives up at 0.
std::optional<Activation> MatchingActivation(const std::vector<double>& points,
                                             const std::vector<double>& values,
                                             const std::vector<double>& constants,
                                             std::int64_t& evaluations_left);

// PReLU with one slope for each unit.
Activation PreluOf(std::vector<float> slopes);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_GRAPH_ACTIVATION_CANDIDATES_H_
