// The floor of any service of its kind: gRPC's completion queues, and the evaluation where it is
// told to, and nothing else.

#ifndef MLP_BENCHMARKS_SERVICE_ECHO_PEER_H_
#define MLP_BENCHMARKS_SERVICE_ECHO_PEER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "model/network.h"

namespace mlp {

// What the echo evaluates: every `rows`-th request, a batch of as many.
struct EchoEvaluation {
  Network network;  // of one input and one output
  std::int64_t rows = 1;
};

// Serves ModelInfer at `address` by `threads` threads with a completion queue each, as mlp-server
// has them, but looks at no request: each gets `answer`, a ModelInferResponse's bytes. Each thread
// does `evaluation` for the requests that it answers, if there is one. Does not return unless the
// address cannot be had.
absl::Status ServeEcho(const std::string& address, int threads, const std::string& answer,
                       std::optional<EchoEvaluation> evaluation);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_SERVICE_ECHO_PEER_H_
