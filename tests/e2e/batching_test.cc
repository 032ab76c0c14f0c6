// Batches grow with the requests in flight, as the histogram of rows in a batch shows.

#include <gtest/gtest.h>

#include <optional>
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

struct BatchRows {
  double batches = 0;
  double rows = 0;
  double batches_of_one = 0;
};

BatchRows ReadBatchRows(int http_port, const std::string& model) {
  // The samples are missing before the model's first request.
  Samples samples = ReadMetrics(http_port);
  const std::string labels = "model=\"" + model + R"(",version="1")";
  return {samples["mlp_batch_rows_count{" + labels + "}"],
          samples["mlp_batch_rows_sum{" + labels + "}"],
          samples["mlp_batch_rows_bucket{" + labels + ",le=\"1\"}"]};
}

// Sends `request` `requests` times, `in_flight` at a time.
BatchRows AfterRequests(ServerProcess& server, const ModelInferRequest& request, int requests,
                        int in_flight) {
  const BatchRows before = ReadBatchRows(server.http_port(), request.model_name());
  int answered = 0;
  InferMany(
      OpenChannel(server.grpc_address()), in_flight,
      [&](int index) -> std::optional<ModelInferRequest> {
        if (index == requests) return std::nullopt;
        return request;
      },
      [&](int, const grpc::Status& status, const ModelInferResponse&) {
        answered += status.ok() ? 1 : 0;
      });
  EXPECT_EQ(answered, requests);
  const BatchRows after = ReadBatchRows(server.http_port(), request.model_name());
  return {after.batches - before.batches, after.rows - before.rows,
          after.batches_of_one - before.batches_of_one};
}

TEST(BatchingTest, EvaluatesConsecutiveRequestsInSeparateBatches) {
  const auto server = ServerProcess::StartOnSampleModels();
  ASSERT_TRUE(server.ok()) << server.status();
  const BatchRows alone = AfterRequests(**server, DigitsRequest("digits-tanh"), 4000, 1);
  EXPECT_EQ(alone.rows, 4000);
  EXPECT_EQ(alone.batches, 4000);
  EXPECT_EQ(alone.batches_of_one, 4000);
}

// Evaluating a batch takes as long as the client needs for many requests, even if both share one
// CPU. With a cheap model, a busy client may send only one request while the server answers
// another.
TEST(BatchingTest, BatchesRequestsInFlight) {
  const TemporaryFolder folder;
  WriteNativeModel(folder.path() / "wide/1", {64, 3072, 3072, 3072, 10});
  const auto server =
      ServerProcess::Start({"--model-repository", folder.path().string(), "--rpc-threads", "1",
                            "--evaluator-threads", "1", "--admission", "fixed"});
  ASSERT_TRUE(server.ok()) << server.status();
  const ModelInferRequest request = RawRequest("wide", 1, 64, std::vector<float>(64, 0.5F));
  const BatchRows together = AfterRequests(**server, request, 640, 64);
  EXPECT_EQ(together.rows, 640);
  EXPECT_LT(together.batches, 320) << "the mean batch holds fewer than 2 of 64 requests";
  RecordProperty("mean_rows_of_a_batch_at_64_in_flight",
                 std::to_string(together.rows / together.batches));
}

TEST(BatchingTest, CutsABatchAtItsLimit) {
  const auto server = ServerProcess::StartOnSampleModels({"--max-batch-rows", "2"});
  ASSERT_TRUE(server.ok()) << server.status();
  AfterRequests(**server, DigitsRequest("digits-tanh"), 4000, 64);
  const Samples samples = ReadMetrics((*server)->http_port());
  const std::string labels = R"(model="digits-tanh",version="1")";
  EXPECT_EQ(samples.at("mlp_batch_rows_bucket{" + labels + ",le=\"2\"}"),
            samples.at("mlp_batch_rows_count{" + labels + "}"));
}

}  // namespace
}  // namespace mlp
