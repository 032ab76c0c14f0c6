// Asks a server of the Open Inference Protocol, closed or open loop, and measures how long that
// takes. docs/bench.md says what the figures mean.
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
#include "client/bench/questions.h"
#include "client/client.h"

namespace mlp {

struct LoadOptions {
  std::string address;  // of gRPC
  ClientCredentials credentials = {};
  QuestionOptions questions = {};

  // Connections are spread over the threads, each with a completion queue; there are at least as
  // many connections as threads. What is in flight is spread over the connections evenly.
  int threads = 1;
  int connections = 1;

  bool stream = false;                    // ModelStreamInfer, a stream for each connection
  std::chrono::milliseconds deadline{0};  // gRPC's, for each call; 0: none
  std::int64_t timeout_microseconds = 0;  // the request parameter `timeout`; 0: none

  // Compare every answer with that to the same request alone; AnswerCheck says how exactly.
  std::optional<float> check_tolerance = {};
};

// Not thread-safe.
class LoadGenerator final {
 public:
  // Makes the requests for `model` and opens the connections by asking over each of them once,
  // alone, and without `timeout`; with check_tolerance every request is asked so. INVALID_ARGUMENT
  // for options that contradict one another; else the error of MakeQuestions or of the server.
  static absl::StatusOr<std::unique_ptr<LoadGenerator>> Create(const ModelMetadata& model,
                                                               const LoadOptions& options);

  // Puts `target` on the server until `end` or `stop`, and waits for the last answers, at most
  // 10 s. `watch`, which may be empty, is called now and then by this thread, with what is counted
  // so far. Connections stay open from one run to the next.
  struct Counts {
    std::int64_t answered = 0;
    std::int64_t errors = 0;
  };
  using Watch = std::function<void(const Counts& counts)>;
  LoadResult Run(const LoadTarget& target, const LoadEnd& end, const LoadStop& stop,
                 const Watch& watch = {});

 private:
  explicit LoadGenerator(const LoadOptions& options) : options_(options) {}

  absl::Status AskAlone(const std::vector<inference::ModelInferRequest>& requests);

  LoadOptions options_;
  std::vector<std::shared_ptr<grpc::Channel>> channels_;
  std::vector<grpc::ByteBuffer> questions_;
  std::optional<AnswerCheck> check_;
};

}  // namespace mlp

#endif  // MLP_CLIENT_BENCH_LOAD_GENERATOR_H_
