// Identifies the network that a baseline belongs to.

#ifndef MLP_MODEL_DRIFT_NETWORK_DIGEST_H_
#define MLP_MODEL_DRIFT_NETWORK_DIGEST_H_

#include <string>

#include "model/network.h"

namespace mlp {

// SHA-256, as 64 hexadecimal digits, of what the network computes: its structure, its activations,
// its trained values to the bit, and which values it outputs. Tensors' names and labels and the
// file's format are not included: a converted network keeps its digest. Reads every weight, at some
// 2 GB a second if the CPU has SHA instructions. Empty if libcrypto cannot compute it. REQUIRES:
// the network has its weights, so call it before an Evaluator takes the network. Thread-safe.
std::string NetworkDigest(const Network& network);

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_NETWORK_DIGEST_H_
