// What the readers of model files give.

#ifndef MLP_MODEL_FORMATS_READ_NETWORK_H_
#define MLP_MODEL_FORMATS_READ_NETWORK_H_

#include <filesystem>
#include <string>
#include <vector>

#include "model/network.h"

namespace mlp {

// Which other files may hold tensors of a model's file.
struct ExternalData {
  // Not where a client sent the model, which then has no folder of its own to trust.
  bool allowed = true;

  // Their names are of the model's own folder and below, and symbolic links lead nowhere but below
  // this one, e.g. the repository; that of the model where none is given.
  std::filesystem::path root{};

  // Whether they may have a second name, which may be anyone's file, linked there.
  bool hard_links = false;
};

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
