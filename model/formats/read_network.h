// The result of reading a model file.

#ifndef MLP_MODEL_FORMATS_READ_NETWORK_H_
#define MLP_MODEL_FORMATS_READ_NETWORK_H_

#include <string>
#include <vector>

#include "model/network.h"

namespace mlp {

struct ReadNetwork {
  Network network;
  // One sentence each on what was read differently from what the file says, e.g. a static batch
  // dimension of 1 that was taken as the batch.
  std::vector<std::string> warnings;
  // Whether a checksum has shown that the weights are unchanged since they were written.
  bool weights_verified = false;
};

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_READ_NETWORK_H_
