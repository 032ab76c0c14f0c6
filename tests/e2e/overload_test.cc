// More load than the server can handle: refusals must be cheap and counted, and answers must be
// right.

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/native_model.h"
#include "tests/e2e/server_process.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using inference::ModelInferRequest;
using inference::ModelInferResponse;

struct Outcome {
  std::map<grpc::StatusCode, int> codes;
  int wrong = 0;
};

// Sends `request` `requests` times, `in_flight` at a time, and compares each answer with the first.
Outcome Ask(ServerProcess& server, int requests, int in_flight, const ModelInferRequest& request) {
  const auto channel = OpenChannel(server.grpc_address());
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

TEST(OverloadTest, RefusesBeyondTheLimitOfWaitingRows) {
  const auto server =
      ServerProcess::StartOnSampleModels({"--max-queue-rows", "4096", "--admission", "fixed"});
  ASSERT_TRUE(server.ok()) << server.status();
  Outcome outcome = Ask(**server, 600, 200, DigitsRequest("digits-tanh", 512));
  const int answered = outcome.codes[grpc::StatusCode::OK];
  const int refused = outcome.codes[grpc::StatusCode::RESOURCE_EXHAUSTED];
  EXPECT_EQ(answered + refused, 600);
  EXPECT_GT(answered, 8);
  EXPECT_GT(refused, 0);
  EXPECT_EQ(outcome.wrong, 0);
  const Samples samples = ReadMetrics((*server)->http_port());
  EXPECT_EQ(samples.at(R"(mlp_rejected_total{model="digits-tanh",reason="queue_rows"})"), refused);
  EXPECT_EQ(samples.at(R"(mlp_rows_total{model="digits-tanh",version="1"})"), 512 * answered);
}

TEST(OverloadTest, RefusesBeyondTheLimitOfWaitingBytes) {
  const auto server =
      ServerProcess::StartOnSampleModels({"--max-queue-bytes", "300000", "--admission", "fixed"});
  ASSERT_TRUE(server.ok()) << server.status();
  Outcome outcome = Ask(**server, 600, 100, DigitsRequest("digits-tanh", 512));
  const int refused = outcome.codes[grpc::StatusCode::RESOURCE_EXHAUSTED];
  EXPECT_EQ(outcome.codes[grpc::StatusCode::OK] + refused, 600);
  EXPECT_GT(refused, 0);
  EXPECT_EQ(outcome.wrong, 0);
  EXPECT_EQ(ReadMetrics((*server)->http_port())
                .at(R"(mlp_rejected_total{model="digits-tanh",reason="queue_bytes"})"),
            refused);
}

// On one thread, evaluating a request takes longer than sending it on any machine. Neither the rows
// nor the bytes of all requests together reach their limits.
TEST(OverloadTest, RefusesRequestsThatWouldWaitTooLong) {
  const TemporaryFolder folder;
  WriteNativeModel(folder.path() / "wide/1", {64, 1024, 1024, 10});
  const auto server = ServerProcess::Start(
      {"--model-repository", folder.path().string(), "--rpc-threads", "1", "--evaluator-threads",
       "1", "--admission", "adaptive", "--queue-target-ms", "1", "--queue-interval-ms", "1",
       "--max-queue-rows", "1000000", "--max-queue-bytes", "1000000000"});
  ASSERT_TRUE(server.ok()) << server.status();
  Outcome outcome =
      Ask(**server, 300, 60, RawRequest("wide", 1024, 64, std::vector<float>(1024 * 64, 0.5F)));
  const int answered = outcome.codes[grpc::StatusCode::OK];
  const int refused = outcome.codes[grpc::StatusCode::RESOURCE_EXHAUSTED];
  EXPECT_EQ(answered + refused, 300);
  EXPECT_GT(answered, 0);
  EXPECT_GT(refused, 0);
  EXPECT_EQ(outcome.wrong, 0);
  EXPECT_EQ(ReadMetrics((*server)->http_port())
                .at(R"(mlp_rejected_total{model="wide",reason="overload"})"),
            refused);
}

}  // namespace
}  // namespace mlp
