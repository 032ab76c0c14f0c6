// Units whose weights alone make them dead, whatever the inputs are.

#ifndef MLP_MODEL_DEAD_UNITS_H_
#define MLP_MODEL_DEAD_UNITS_H_

#include <cstdint>
#include <vector>

#include "model/network.h"

namespace mlp {

// For each layer, the number of units that stay in the same tail of their activation on every
// possible row; 0 for layers without activity (Layer::has_activity).
//
// Each pre-activation's bounds are computed from the weights and the range of each unit before it:
// a sigmoid is in [0, 1], a ReLU is at least 0, and nothing is known of network inputs and
// normalised rows. A unit is dead if both bounds are in one tail, as docs/reference/saturation.md
// defines it for `epsilon`. A unit not found here may still be dead on every row that clients send.
//
// Thread-safe. Takes about as long as evaluating two rows.
std::vector<std::int64_t> CountDeadUnits(const Network& network, double epsilon);

}  // namespace mlp

#endif  // MLP_MODEL_DEAD_UNITS_H_
