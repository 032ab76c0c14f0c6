// Describes a network's layers for people and for `mlp-client describe`.

#ifndef MLP_SERVER_RPC_LAYERS_JSON_H_
#define MLP_SERVER_RPC_LAYERS_JSON_H_

#include <string>

#include "model/evaluator/evaluator.h"

namespace mlp {

// A JSON array with an object for each layer, in the order of evaluation. Each has name, inputs,
// units, activation and parameters (how many trained values). If the layer has them, also:
// combination (unless it is dense), operation (what it does, in words), imputes (the input columns
// whose missing values it fills, each as [input, first, width]), activation_parameters (an object,
// by name, without infinite ones), lower_tail and upper_tail (the bounds in force). Activation
// parameters and bounds are a number each, or [smallest, largest] if the units differ.
std::string LayersJson(const Evaluator& evaluator);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_LAYERS_JSON_H_
