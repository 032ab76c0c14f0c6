// Whether a layer's operation fits its sources. A part of Network::Create.

#ifndef MLP_MODEL_ROW_OPERATION_CHECKS_H_
#define MLP_MODEL_ROW_OPERATION_CHECKS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "model/network.h"

namespace mlp {

// The units that the operation of `layer` makes of its `inputs`; -1 where it does not take as many.
// REQUIRES: a combination with an operation, or kConstant.
std::int64_t UnitsOfOperation(const Layer& layer);

// INVALID_ARGUMENT, naming the layer, where its operation is another one than its combination has,
// or holds what it cannot work with.
absl::Status CheckOperation(const Layer& layer);

}  // namespace mlp

#endif  // MLP_MODEL_ROW_OPERATION_CHECKS_H_
