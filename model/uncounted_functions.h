// Finds functions in a network that may be meant as activations but whose saturation is not
// counted.

#ifndef MLP_MODEL_UNCOUNTED_FUNCTIONS_H_
#define MLP_MODEL_UNCOUNTED_FUNCTIONS_H_

#include <string>
#include <vector>

#include "model/network.h"

namespace mlp {

// One warning that names these functions, or nothing. A function counts if a layer applies it
// without an activation to one source, besides constants, and it does not give a boolean.
std::vector<std::string> WarnOfUncounted(const Network& network);

}  // namespace mlp

#endif  // MLP_MODEL_UNCOUNTED_FUNCTIONS_H_
