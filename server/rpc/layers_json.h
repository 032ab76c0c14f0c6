// Describes a network's layers for people and for `mlp-client describe`.

#ifndef MLP_SERVER_RPC_LAYERS_JSON_H_
#define MLP_SERVER_RPC_LAYERS_JSON_H_

#include <string>

#include "model/evaluator/evaluator.h"

namespace mlp {

// A JSON array with an object for each layer, in the order of evaluation: name, inputs, units,
// activation, parameters (trained values), and, where the layer has them, combination (unless it is
// dense), operation (what it does, in words), activation_parameters (an object, by name, without
// those that are infinite), lower_tail and upper_tail (the bounds in force). Each of these is a
// number, or [smallest, largest] where the units differ.
std::string LayersJson(const Evaluator& evaluator);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_LAYERS_JSON_H_
