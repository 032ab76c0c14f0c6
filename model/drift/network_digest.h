// Which network a baseline belongs to.

#ifndef MLP_MODEL_DRIFT_NETWORK_DIGEST_H_
#define MLP_MODEL_DRIFT_NETWORK_DIGEST_H_

#include <string>

#include "model/network.h"

namespace mlp {

// SHA-256, as 64 hexadecimal digits, of what the network computes: its structure, activations and
// trained values to the bit, and which of its values come out. Names and labels of tensors are not
// in it, nor is the format of the file, so that a converted network keeps its digest. It reads
// every weight, some 2 GB a second where the CPU has SHA instructions. Empty where libcrypto cannot
// compute it. REQUIRES: the weights, so before an Evaluator takes the network. Thread-safe.
std::string NetworkDigest(const Network& network);

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_NETWORK_DIGEST_H_
