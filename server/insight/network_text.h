// A network's shape in words, for people.

#ifndef MLP_SERVER_INSIGHT_NETWORK_TEXT_H_
#define MLP_SERVER_INSIGHT_NETWORK_TEXT_H_

#include <cstdint>
#include <string>

#include "model/network.h"

namespace mlp {

// "64-64-32-10, sigmoid, 6,570 parameters": the widths of the inputs and of the layers, those
// between left out where there are many, and the activations of the hidden layers.
std::string ArchitectureText(const Network& network);

// What the value `index` of all inputs together is called: its input's name, and its place in that
// where it has several, as in "pixels[12]".
std::string InputValueName(const Network& network, std::int64_t index);

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_NETWORK_TEXT_H_
