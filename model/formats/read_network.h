// What the readers of model files give.

#ifndef MLP_MODEL_FORMATS_READ_NETWORK_H_
#define MLP_MODEL_FORMATS_READ_NETWORK_H_

#include <string>
#include <vector>

#include "model/network.h"

namespace mlp {

// Whether a model's file may have its tensors in other files beside it. Not where a client sent it:
// such a model has no folder of its own to trust.
enum class ExternalData { kRefused, kAllowed };

struct ReadNetwork {
  Network network;
  // What was taken differently from what the file says, a sentence each; e.g. a static batch
  // dimension of 1 that was taken as the batch.
  std::vector<std::string> warnings;
  // Whether a checksum has shown that the weights are the ones that were written.
  bool weights_verified = false;
};

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_READ_NETWORK_H_
