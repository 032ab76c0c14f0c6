// The pre-activations of recent rows, layer by layer: where they lie against the tails.

#ifndef MLP_SERVER_INSIGHT_LAYER_SHAPES_H_
#define MLP_SERVER_INSIGHT_LAYER_SHAPES_H_

#include <vector>

#include "model/evaluator/evaluator.h"
#include "server/insight/status.h"

namespace mlp {

// Evaluates `rows`, all inputs' values side by side, [rows, width], and gives a shape for each
// layer of the network; empty where the layer's activation is not counted. Of a network that is
// large, the last few of the rows are enough; none where even these would take too long.
std::vector<StatusShape> ShapesOf(const Evaluator& evaluator, const std::vector<float>& rows);

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_LAYER_SHAPES_H_
