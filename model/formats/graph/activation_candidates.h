// Finds the registry's activation that a formula computes.

#ifndef MLP_MODEL_FORMATS_GRAPH_ACTIVATION_CANDIDATES_H_
#define MLP_MODEL_FORMATS_GRAPH_ACTIVATION_CANDIDATES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "model/activations/activation.h"

namespace mlp {

// The element-wise activation whose values at `points`, which must be floats, are `values`.
// Parameters are chosen from `constants`, their negatives and reciprocals, products and quotients
// of them, 0 and ±1. If several activations match, returns the one with the fewest parameters.
// Counts `evaluations_left` down and gives up at 0.
std::optional<Activation> MatchingActivation(const std::vector<double>& points,
                                             const std::vector<double>& values,
                                             const std::vector<double>& constants,
                                             std::int64_t& evaluations_left);

// PReLU with one slope for each unit.
Activation PreluOf(std::vector<float> slopes);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_GRAPH_ACTIVATION_CANDIDATES_H_
