// Units that are dead by the weights alone, whatever rows come in.

#ifndef MLP_MODEL_DEAD_UNITS_H_
#define MLP_MODEL_DEAD_UNITS_H_

#include <cstdint>
#include <vector>

#include "model/network.h"

namespace mlp {

// For each layer, how many of its units are in the same tail of their activation on every row that
// there can be. From the least to the greatest value that each unit in front can have (nothing is
// known of the network's inputs, nor of normalised rows; a sigmoid is in [0, 1], a ReLU not below
// 0), the bounds of each pre-activation are worked out with the weights; the unit is dead where
// both are in one tail, as docs/saturation.md defines it for `epsilon`. A unit that this does not
// find may still be dead on every row that anybody sends. 0 for layers without activity
// (Layer::has_activity). Thread-safe; takes about as long as evaluating two rows.
std::vector<std::int64_t> CountDeadUnits(const Network& network, double epsilon);

}  // namespace mlp

#endif  // MLP_MODEL_DEAD_UNITS_H_
