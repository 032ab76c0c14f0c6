// The floor for any service of this kind: gRPC's completion queues, optionally the evaluation, and
// nothing else.

#ifndef MLP_BENCHMARKS_SERVICE_ECHO_PEER_H_
#define MLP_BENCHMARKS_SERVICE_ECHO_PEER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "model/network.h"

namespace mlp {

// What the echo peer evaluates: one batch of `rows` rows for every `rows` requests.
struct EchoEvaluation {
  Network network;  // with one input and one output
  std::int64_t rows = 1;
};

// Serves ModelInfer at `address` on `threads` threads with a completion queue each, like
// mlp-server, but does not read the requests: each answer is `answer`, the bytes of a
// ModelInferResponse. If `evaluation` is given, each thread evaluates it for the requests that it
// answers. Returns only if it cannot listen at the address.
absl::Status ServeEcho(const std::string& address, int threads, const std::string& answer,
                       std::optional<EchoEvaluation> evaluation);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_SERVICE_ECHO_PEER_H_
