// Sends requests to a server of the Open Inference Protocol in a closed or open loop and measures
// the latencies. docs/use/bench.md defines the figures.
//
//   auto generator = mlp::LoadGenerator::Create(model, options);
//   mlp::LoadStop stop;
//   mlp::LoadResult result = (*generator)->Run({.concurrency = 8}, {}, stop);

#ifndef MLP_CLIENT_BENCH_LOAD_GENERATOR_H_
#define MLP_CLIENT_BENCH_LOAD_GENERATOR_H_

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/bench/answer_check.h"
#include "client/bench/load.h"
#include "client/bench/load_requests.h"
#include "client/client.h"

namespace mlp {

struct LoadOptions {
  std::string address;  // the gRPC address
  ClientCredentials credentials = {};
  LoadRequestOptions request_options = {};

  // Connections are spread over the threads, each of which has a completion queue. There must be at
  // least one connection per thread. Requests in flight are spread evenly over the connections.
  int threads = 1;
  int connections = 1;

  bool stream = false;                    // use ModelStreamInfer, one stream per connection
  std::chrono::milliseconds deadline{0};  // gRPC's, per call; 0: none
  std::int64_t timeout_microseconds = 0;  // the request parameter `timeout`; 0: none

  // If set, every answer is compared with that to the same request alone, with this tolerance of
  // AnswerCheck.
  std::optional<float> check_tolerance = {};
};

// Not thread-safe.
class LoadGenerator final {
 public:
  // Builds the requests for `model`. Opens the connections by sending one request alone over each,
  // without `timeout`; with check_tolerance, sends every request alone. INVALID_ARGUMENT for
  // options that contradict each other; otherwise the error of MakeRequests or of the server.
  static absl::StatusOr<std::unique_ptr<LoadGenerator>> Create(const ModelMetadata& model,
                                                               const LoadOptions& options);

  // Puts `target` on the server until `end` or `stop`, then waits at most 10 s for the last
  // answers. The calling thread regularly calls `watch`, which may be empty, with the counts so
  // far. Connections stay open between runs.
  struct Counts {
    std::int64_t answered = 0;
    std::int64_t errors = 0;
  };
  using Watch = std::function<void(const Counts& counts)>;
  LoadResult Run(const LoadTarget& target, const LoadEnd& end, const LoadStop& stop,
                 const Watch& watch = {});

 private:
  explicit LoadGenerator(const LoadOptions& options) : options_(options) {}

  absl::Status SendEachAlone(const std::vector<inference::ModelInferRequest>& requests);

  LoadOptions options_;
  std::vector<std::shared_ptr<grpc::Channel>> channels_;
  std::vector<grpc::ByteBuffer> messages_;
  std::optional<AnswerCheck> check_;
};

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_LOAD_GENERATOR_H_
