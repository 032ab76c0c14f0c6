// The distribution of recent rows' pre-activations in each layer, for comparison with the tails.

#ifndef MLP_SERVER_INSIGHT_LAYER_SHAPES_H_
#define MLP_SERVER_INSIGHT_LAYER_SHAPES_H_

#include <vector>

#include "model/evaluator/evaluator.h"
#include "server/insight/status.h"

namespace mlp {

// Evaluates `rows`, [rows, width] with all inputs concatenated, and returns one shape per layer of
// the network. A shape is empty if the layer's activation is not counted. A large network evaluates
// only the last few rows; if even one takes too long, all shapes are empty.
std::vector<StatusShape> ShapesOf(const Evaluator& evaluator, const std::vector<float>& rows);

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_LAYER_SHAPES_H_
