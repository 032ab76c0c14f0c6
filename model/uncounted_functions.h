// Functions of a network that may be somebody's activations, but are none that saturation is known
// of.

#ifndef MLP_MODEL_UNCOUNTED_FUNCTIONS_H_
#define MLP_MODEL_UNCOUNTED_FUNCTIONS_H_

#include <string>
#include <vector>

#include "model/network.h"

namespace mlp {

// A sentence that names the functions of one value, beside constants, that layers apply by
// themselves; none where no layer does. Conditions are none of them.
std::vector<std::string> WarnOfUncounted(const Network& network);

}  // namespace mlp

#endif  // MLP_MODEL_UNCOUNTED_FUNCTIONS_H_
