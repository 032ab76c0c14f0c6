// The obvious first attempt: a plain synchronous gRPC service without batching.

#ifndef MLP_BENCHMARKS_SERVICE_SYNCHRONOUS_PEER_H_
#define MLP_BENCHMARKS_SERVICE_SYNCHRONOUS_PEER_H_

#include <string>

#include "absl/status/status.h"
#include "model/network.h"

namespace mlp {

// Serves ModelInfer at `address` on gRPC's threads: decodes a request with raw contents, evaluates
// its rows alone, with statistics, in a workspace for each thread, with the same Evaluator as
// mlp-server, and answers raw. The network must have one input and one output, of FP32. Returns
// only if it cannot listen at the address.
absl::Status ServeSynchronously(const std::string& address, Network network);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_SERVICE_SYNCHRONOUS_PEER_H_
