// What people write first: a plain synchronous gRPC service, without batches.

#ifndef MLP_BENCHMARKS_SERVICE_SYNCHRONOUS_PEER_H_
#define MLP_BENCHMARKS_SERVICE_SYNCHRONOUS_PEER_H_

#include <string>

#include "absl/status/status.h"
#include "model/network.h"

namespace mlp {

// Serves ModelInfer at `address` on gRPC's own threads: decodes a request with raw contents,
// evaluates its rows alone with the same Evaluator as mlp-server, statistics and all, in a
// workspace of the thread's, and answers raw. The network has one input and one output, of FP32.
// Does not return unless the address cannot be had.
absl::Status ServeSynchronously(const std::string& address, Network network);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_SERVICE_SYNCHRONOUS_PEER_H_
