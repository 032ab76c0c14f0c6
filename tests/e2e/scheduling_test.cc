// A model's dynamic_batching, deadlines and timeouts. Each refusal is counted exactly once.

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/model_folders.h"
#include "tests/e2e/repository_server_test.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

using inference::ModelInferRequest;
using inference::ModelInferResponse;
using std::chrono::milliseconds;
using std::chrono::minutes;
using ::testing::HasSubstr;

// Longer than any test waits, so what waits for this was not released for another reason.
constexpr char kHoldsForAnHour[] =
    "max_batch_size: 8 dynamic_batching { max_queue_delay_microseconds: 3600000000 }";

std::string RejectedSample(const std::string& reason) {
  return absl::StrCat(R"(mlp_rejected_total{model="m",reason=")", reason, "\"}");
}

// All refusals together, which shows whether any is counted twice.
double AllRejected(const Samples& samples) {
  double all = 0;
  for (const auto& [name, value] : samples) {
    if (name.rfind("mlp_rejected_total", 0) == 0) all += value;
  }
  return all;
}

class SchedulingTest : public RepositoryServerTest {
 protected:
  void Start(const std::string& configuration, std::vector<std::string> arguments = {}) {
    AddSampleModel(folders_.root(), "digits-tanh", "m", configuration);
    // With one thread, all requests meet in one queue.
    arguments.insert(arguments.end(), {"--rpc-threads", "1"});
    RepositoryServerTest::Start(std::move(arguments));
  }

  static ModelInferRequest Request(std::int64_t rows = 1) {
    ModelInferRequest request = DigitsRequest("digits-tanh", rows);
    request.set_model_name("m");
    return request;
  }
};

TEST_F(SchedulingTest, WaitsForAFullBatchIfADelayIsAllowed) {
  Start(kHoldsForAnHour);
  int answered = 0;
  InferMany(
      channel_, 8,
      [](int index) -> std::optional<ModelInferRequest> {
        if (index == 80) return std::nullopt;
        return Request();
      },
      [&](int, const grpc::Status& status, const ModelInferResponse&) {
        answered += status.ok() ? 1 : 0;
      });
  EXPECT_EQ(answered, 80);
  const Samples samples = ReadMetrics(server_->http_port());
  EXPECT_EQ(samples.at(R"(mlp_batch_rows_count{model="m",version="1"})"), 10);
  EXPECT_EQ(samples.at(R"(mlp_batch_rows_sum{model="m",version="1"})"), 80);
}

TEST_F(SchedulingTest, RefusesARequestWhoseOwnTimeoutHasPassed) {
  Start(kHoldsForAnHour);
  ModelInferRequest request = Request();
  (*request.mutable_parameters())["timeout"].set_int64_param(2'000);
  ModelInferResponse response;
  const grpc::Status status = Infer(*stub_, request, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_THAT(status.error_message(), HasSubstr("timeout passed"));
  const Samples samples = ReadMetrics(server_->http_port());
  EXPECT_EQ(samples.at(RejectedSample("timeout")), 1);
  EXPECT_EQ(AllRejected(samples), 1);
  EXPECT_EQ(samples.at(R"(mlp_requests_total{code="DEADLINE_EXCEEDED",model="m",version="1"})"), 1);
  EXPECT_EQ(samples.at(R"(mlp_rows_total{model="m",version="1"})"), 0);
}

TEST_F(SchedulingTest, RefusesByTheModelsDefaultTimeout) {
  Start(
      "max_batch_size: 8 dynamic_batching { max_queue_delay_microseconds: 3600000000 "
      "default_queue_policy { default_timeout_microseconds: 3000 } }");
  ModelInferResponse response;
  EXPECT_EQ(Infer(*stub_, Request(), response).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(ReadMetrics(server_->http_port()).at(RejectedSample("timeout")), 1);
}

TEST_F(SchedulingTest, AnswersAfterTheTimeoutIfThePolicyIsToDelay) {
  Start(
      "max_batch_size: 8 dynamic_batching { max_queue_delay_microseconds: 3600000000 "
      "default_queue_policy { timeout_action: DELAY default_timeout_microseconds: 3000 } }");
  ModelInferResponse response;
  EXPECT_TRUE(Infer(*stub_, Request(), response).ok());
  EXPECT_EQ(AllRejected(ReadMetrics(server_->http_port())), 0);
}

TEST_F(SchedulingTest, DropsARequestAtItsDeadline) {
  Start(kHoldsForAnHour);
  // Otherwise the deadline may pass before there is a connection.
  ASSERT_TRUE(channel_->WaitForConnected(std::chrono::system_clock::now() + minutes(2)));
  grpc::ClientContext context;
  // Long enough that the call reaches the server from a process that stands still for a while.
  context.set_deadline(std::chrono::system_clock::now() + milliseconds(2'000));
  ModelInferResponse response;
  EXPECT_EQ(stub_->ModelInfer(&context, Request(), &response).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  Samples samples;
  EXPECT_TRUE(Eventually([&] {
    samples = ReadMetrics(server_->http_port());
    return AllRejected(samples) > 0;
  }));
  // The client cancels its call at the deadline. The server may notice that first.
  EXPECT_EQ(samples.at(RejectedSample("deadline")) + samples.at(RejectedSample("cancelled")), 1);
  EXPECT_EQ(AllRejected(samples), 1);
  EXPECT_EQ(samples.at(R"(mlp_rows_total{model="m",version="1"})"), 0);
}

TEST_F(SchedulingTest, AcceptsNoMoreThanTheModelsQueueHolds) {
  Start(
      "max_batch_size: 8 dynamic_batching { max_queue_delay_microseconds: 1000000 "
      "default_queue_policy { max_queue_size: 3 } }");
  int answered = 0;
  int refused = 0;
  InferMany(
      channel_, 7,
      [](int index) -> std::optional<ModelInferRequest> {
        if (index == 7) return std::nullopt;
        return Request();
      },
      [&](int, const grpc::Status& status, const ModelInferResponse&) {
        answered += status.ok() ? 1 : 0;
        refused += status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED ? 1 : 0;
      });
  EXPECT_EQ(answered, 3);
  EXPECT_EQ(refused, 4);
  const Samples samples = ReadMetrics(server_->http_port());
  EXPECT_EQ(samples.at(RejectedSample("queue_size")), 4);
  EXPECT_EQ(AllRejected(samples), 4);
}

TEST_F(SchedulingTest, AcceptsBothFormsOfTheParametersAndRefusesOthers) {
  Start("dynamic_batching { priority_levels: 2 default_priority_level: 2 }");
  ModelInferResponse response;
  ModelInferRequest request = Request();
  (*request.mutable_parameters())["priority"].set_uint64_param(1);
  (*request.mutable_parameters())["timeout"].set_uint64_param(60'000'000);
  EXPECT_TRUE(Infer(*stub_, request, response).ok());
  (*request.mutable_parameters())["priority"].set_int64_param(7);  // as in Triton: the default
  EXPECT_TRUE(Infer(*stub_, request, response).ok());
  (*request.mutable_parameters())["timeout"].set_int64_param(-1);
  grpc::Status status = Infer(*stub_, request, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("'timeout'"));
  (*request.mutable_parameters())["timeout"].set_int64_param(0);
  (*request.mutable_parameters())["priority"].set_string_param("high");
  status = Infer(*stub_, request, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("'priority'"));
  EXPECT_EQ(ReadMetrics(server_->http_port()).at(RejectedSample("invalid")), 2);
}

// Requests of many rows are evaluated in pieces, with requests of one row in between. Each client
// gets the bits that it would get alone.
TEST_F(SchedulingTest, AnswersLargeAndSmallRequestsTheSameTogetherAsSeparately) {
  Start("max_batch_size: 4096");
  ModelInferResponse alone;
  ASSERT_TRUE(Infer(*stub_, Request(4096), alone).ok());
  int small_done = 0;
  InferMany(
      channel_, 4,
      [](int index) -> std::optional<ModelInferRequest> {
        if (index == 40) return std::nullopt;
        return index % 20 == 0 ? Request(4096) : Request();
      },
      [&](int index, const grpc::Status& status, const ModelInferResponse& response) {
        ASSERT_TRUE(status.ok()) << status.error_message();
        if (index % 20 == 0) {
          EXPECT_EQ(response.raw_output_contents(0), alone.raw_output_contents(0));
          return;
        }
        ++small_done;
        const std::string& values = response.raw_output_contents(0);
        EXPECT_EQ(values, alone.raw_output_contents(0).substr(0, values.size()));
      });
  EXPECT_EQ(small_done, 38);
}

TEST_F(SchedulingTest, StatisticsAddUpToTheCounters) {
  Start("max_batch_size: 16");
  InferMany(
      channel_, 16,
      [](int index) -> std::optional<ModelInferRequest> {
        if (index == 500) return std::nullopt;
        ModelInferRequest request = Request(1 + index % 3);
        if (index % 50 == 7) request.clear_inputs();
        return request;
      },
      [](int, const grpc::Status&, const ModelInferResponse&) {});
  grpc::ClientContext context;
  inference::ModelStatisticsRequest request;
  request.set_name("m");
  inference::ModelStatisticsResponse response;
  ASSERT_TRUE(stub_->ModelStatistics(&context, request, &response).ok());
  ASSERT_EQ(response.model_stats_size(), 1);
  const inference::ModelStatistics& statistics = response.model_stats(0);
  EXPECT_EQ(statistics.inference_stats().success().count(), 490U);
  EXPECT_EQ(statistics.inference_stats().fail().count(), 10U);
  EXPECT_EQ(statistics.inference_stats().queue().count(), 490U);
  const Samples samples = ReadMetrics(server_->http_port());
  EXPECT_EQ(static_cast<double>(statistics.inference_count()),
            samples.at(R"(mlp_rows_total{model="m",version="1"})"));
  EXPECT_EQ(static_cast<double>(statistics.execution_count()),
            samples.at(R"(mlp_batch_rows_count{model="m",version="1"})"));
  std::uint64_t rows = 0;
  std::uint64_t batches = 0;
  for (const inference::InferBatchStatistics& batch : statistics.batch_stats()) {
    EXPECT_LE(batch.batch_size(), 16U);
    rows += batch.batch_size() * batch.compute_infer().count();
    batches += batch.compute_infer().count();
  }
  EXPECT_EQ(rows, statistics.inference_count());
  EXPECT_EQ(batches, statistics.execution_count());
}

}  // namespace
}  // namespace mlp
