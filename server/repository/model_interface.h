// The inputs and outputs of a model version: what its clients are written for.

#ifndef MLP_SERVER_REPOSITORY_MODEL_INTERFACE_H_
#define MLP_SERVER_REPOSITORY_MODEL_INTERFACE_H_

#include <string>
#include <vector>

#include "model/network.h"

namespace mlp {

struct ModelInterface {
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
};

ModelInterface InterfaceOf(const Network& network);

// How `now` differs from `before` for a client: in the names, datatypes and shapes of inputs and
// outputs, and in the order of the outputs, which is also their order in an answer. Empty if it
// does not differ. Names at most three differences, and the number of further ones.
std::string InterfaceDifference(const ModelInterface& before, const ModelInterface& now);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_MODEL_INTERFACE_H_
