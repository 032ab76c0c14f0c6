// Describes a network's shape in words.

#ifndef MLP_SERVER_INSIGHT_NETWORK_TEXT_H_
#define MLP_SERVER_INSIGHT_NETWORK_TEXT_H_

#include <cstdint>
#include <string>

#include "model/network.h"

namespace mlp {

// "64-64-32-10, sigmoid, 6,570 parameters": the widths of inputs and layers, leaving out the middle
// of a long list, and the activations of the hidden layers.
std::string ArchitectureText(const Network& network);

// The name of value `index`, counted over all inputs: the input's name, plus its index there if the
// input has several values, as in "pixels[12]".
std::string InputValueName(const Network& network, std::int64_t index);

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_NETWORK_TEXT_H_
