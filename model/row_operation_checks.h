// Whether a layer's operation fits its sources. A part of Network::Create.

#ifndef MLP_MODEL_ROW_OPERATION_CHECKS_H_
#define MLP_MODEL_ROW_OPERATION_CHECKS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "model/network.h"

namespace mlp {

// The units that the operation of `layer` makes of its sources; -1 where it does not take these.
// Those of a dense layer are its own.
std::int64_t UnitsOfOperation(const Layer& layer);

// INVALID_ARGUMENT, naming the layer, where its operation holds what it cannot work with. REQUIRES:
// `inputs` and `units` that a network may have.
absl::Status CheckOperation(const Layer& layer);

}  // namespace mlp

#endif  // MLP_MODEL_ROW_OPERATION_CHECKS_H_
