// The floor of any service of its kind: gRPC's completion queues and nothing else.

#ifndef MLP_BENCHMARKS_SERVICE_ECHO_PEER_H_
#define MLP_BENCHMARKS_SERVICE_ECHO_PEER_H_

#include <string>

#include "absl/status/status.h"

namespace mlp {

// Serves ModelInfer at `address` by `threads` threads with a completion queue each, as mlp-server
// has them, but looks at no request: each gets `answer`, a ModelInferResponse's bytes. Does not
// return unless the address cannot be had.
absl::Status ServeEcho(const std::string& address, int threads, const std::string& answer);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_SERVICE_ECHO_PEER_H_
