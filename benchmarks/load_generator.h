// Asks a server of the Open Inference Protocol as fast as it answers, and measures how long that
// takes.
//
// The loop is closed: a fixed number of requests is in flight, and each answer makes room for the
// next request. So the requests per second tell what server and generator reach together, and a
// latency is that of a server kept this busy; neither tells what happens to requests that come at
// a rate of their own.

#ifndef MLP_BENCHMARKS_LOAD_GENERATOR_H_
#define MLP_BENCHMARKS_LOAD_GENERATOR_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "proto/open_inference.grpc.pb.h"

namespace mlp {

struct LoadOptions {
  std::string address;  // of gRPC
  std::string model;

  // Each has a thread of its own; the requests in flight are spread over them evenly.
  int connections = 1;
};

struct LoadResult {
  // Answers that came within the time asked for, and that time.
  std::int64_t answers = 0;
  absl::Duration duration;

  // All that was sent, with what was still in flight when the time was over: what the server's CPU
  // time of the run was spent on.
  std::int64_t requests = 0;

  std::int64_t errors = 0;         // answers with a code other than OK, and those that never came
  std::int64_t wrong_answers = 0;  // values other than those that the same question got before
  std::string first_error;

  // From handing the request to gRPC to taking its answer from the queue, one for each of `answers`
  // that is no error; ascending.
  std::vector<double> latencies_microseconds;

  // What this process itself spent. One thread that reaches `duration` is the bound, not the
  // server.
  absl::Duration own_cpu_time;
};

// The smallest value that at least `share` of `ascending` do not exceed; 0 where that is empty.
double Percentile(const std::vector<double>& ascending, double share);

// Not thread-safe.
class LoadGenerator final {
 public:
  // Reads the server's and the model's metadata and asks each of some questions of one row once,
  // alone, to know the right answers. Fails where that does.
  static absl::StatusOr<std::unique_ptr<LoadGenerator>> Create(const LoadOptions& options);

  // What it asks: the server's name and version, and the width of the model's rows.
  const std::string& server() const { return server_; }
  std::int64_t row_width() const { return row_width_; }

  // Keeps `in_flight` requests under way for `duration`, then waits for the last answers, at most
  // 10 s. Connections stay open from one run to the next.
  LoadResult Run(int in_flight, absl::Duration duration);

 private:
  struct Question {
    inference::ModelInferRequest request;
    inference::ModelInferResponse answer;
  };
  class Connection;

  LoadGenerator() = default;

  // Sets server_, and the right answers.
  absl::Status AskServer();
  absl::Status AskQuestions();

  std::string server_;
  std::int64_t row_width_ = 1;
  std::vector<Question> questions_;
  std::vector<std::unique_ptr<inference::GRPCInferenceService::Stub>> stubs_;
};

}  // namespace mlp

#endif  // MLP_BENCHMARKS_LOAD_GENERATOR_H_
