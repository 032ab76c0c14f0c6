// Checks that a layer's operation fits its sources. Part of Network::Create.

#ifndef MLP_MODEL_ROW_OPERATION_CHECKS_H_
#define MLP_MODEL_ROW_OPERATION_CHECKS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "model/network.h"

namespace mlp {

// The number of units that the operation of `layer` gives for its sources, or -1 if it does not
// accept them. For a dense layer, `layer.units`.
std::int64_t UnitsOfOperation(const Layer& layer);

// INVALID_ARGUMENT, naming the layer, if its operation holds invalid values. REQUIRES: `inputs` and
// `units` within Network's limits.
absl::Status CheckOperation(const Layer& layer);

}  // namespace mlp

#endif  // MLP_MODEL_ROW_OPERATION_CHECKS_H_
