// Checks that the parts of a network fit together. Internal to model/: Network::Create calls it.

#ifndef MLP_MODEL_NETWORK_CHECKS_H_
#define MLP_MODEL_NETWORK_CHECKS_H_

#include <vector>

#include "absl/status/status.h"
#include "model/network.h"

namespace mlp {

// The errors of Network::Create. REQUIRES: the layers have their names.
absl::Status CheckNetwork(const std::vector<TensorSpec>& inputs, const std::vector<Layer>& layers,
                          const std::vector<NetworkOutput>& outputs, const Vocabulary& vocabulary);

}  // namespace mlp

#endif  // MLP_MODEL_NETWORK_CHECKS_H_
