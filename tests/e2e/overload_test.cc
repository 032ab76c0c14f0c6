// More than the server can do: refusals that are cheap and counted, and answers that are right.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/model_folders.h"
#include "tests/e2e/server_process.h"
#include "tests/e2e/temporary_folder.h"

namespace mlp {
namespace {

using inference::ModelInferRequest;
using inference::ModelInferResponse;

struct Outcome {
  std::map<grpc::StatusCode, int> codes;
  int wrong = 0;
};

// Sends requests of `rows` rows, `in_flight` at a time, and compares each answer with the first.
Outcome Ask(ServerProcess& server, int requests, int in_flight, std::int64_t rows) {
  const auto channel = OpenChannel(server.grpc_address());
  const ModelInferRequest request = DigitsRequest("digits-tanh", rows);
  Outcome outcome;
  std::string expected;
  InferMany(
      channel, in_flight,
      [&](int index) -> std::optional<ModelInferRequest> {
        if (index == requests) return std::nullopt;
        return request;
      },
      [&](int, const grpc::Status& status, const ModelInferResponse& response) {
        ++outcome.codes[status.error_code()];
        if (!status.ok()) return;
        if (expected.empty()) expected = response.raw_output_contents(0);
        outcome.wrong += response.raw_output_contents(0) == expected ? 0 : 1;
      });
  return outcome;
}

TEST(OverloadTest, RefusesBeyondTheRowsThatMayWait) {
  const auto server =
      ServerProcess::StartOnSampleModels({"--max-queue-rows", "4096", "--admission", "fixed"});
  ASSERT_TRUE(server.ok()) << server.status();
  Outcome outcome = Ask(**server, 600, 200, 512);
  const int answered = outcome.codes[grpc::StatusCode::OK];
  const int refused = outcome.codes[grpc::StatusCode::RESOURCE_EXHAUSTED];
  EXPECT_EQ(answered + refused, 600);
  EXPECT_GT(answered, 8);
  EXPECT_GT(refused, 0);
  EXPECT_EQ(outcome.wrong, 0);
  const Samples samples = ReadMetrics((*server)->http_port());
  EXPECT_EQ(samples.at(R"(mlp_rejected_total{reason="queue_rows"})"), refused);
  EXPECT_EQ(samples.at(R"(mlp_rows_total{model="digits-tanh",version="1"})"), 512 * answered);
}

TEST(OverloadTest, RefusesBeyondTheBytesThatMayWait) {
  const auto server =
      ServerProcess::StartOnSampleModels({"--max-queue-bytes", "300000", "--admission", "fixed"});
  ASSERT_TRUE(server.ok()) << server.status();
  Outcome outcome = Ask(**server, 600, 100, 512);
  const int refused = outcome.codes[grpc::StatusCode::RESOURCE_EXHAUSTED];
  EXPECT_EQ(outcome.codes[grpc::StatusCode::OK] + refused, 600);
  EXPECT_GT(refused, 0);
  EXPECT_EQ(outcome.wrong, 0);
  EXPECT_EQ(ReadMetrics((*server)->http_port()).at(R"(mlp_rejected_total{reason="queue_bytes"})"),
            refused);
}

// Three hundred requests of 4,096 rows at once are seconds of work.
TEST(OverloadTest, RefusesWhatWouldWaitTooLong) {
  const auto server =
      ServerProcess::StartOnSampleModels({"--rpc-threads", "1", "--admission", "adaptive"});
  ASSERT_TRUE(server.ok()) << server.status();
  Outcome outcome = Ask(**server, 600, 300, 4096);
  const int answered = outcome.codes[grpc::StatusCode::OK];
  const int refused = outcome.codes[grpc::StatusCode::RESOURCE_EXHAUSTED];
  EXPECT_EQ(answered + refused, 600);
  EXPECT_GT(answered, 0);
  EXPECT_GT(refused, 0);
  EXPECT_EQ(outcome.wrong, 0);
  const Samples samples = ReadMetrics((*server)->http_port());
  EXPECT_EQ(samples.at(R"(mlp_rejected_total{reason="overload"})") +
                samples.at(R"(mlp_rejected_total{reason="queue_rows"})") +
                samples.at(R"(mlp_rejected_total{reason="queue_bytes"})"),
            refused);
  EXPECT_GT(samples.at(R"(mlp_rejected_total{reason="overload"})"), 0);
}

}  // namespace
}  // namespace mlp
