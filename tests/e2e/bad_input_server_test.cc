// What the server does with calls and bytes that are no inference requests, and what its metrics
// show of wrong requests.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/e2e/bad_input_test.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

using inference::ModelInferRequest;
using inference::ModelInferResponse;
using ::testing::HasSubstr;

TEST_F(BadInputServerTest, AcceptsAsManyRowsAsItsLimit) {
  ModelInferResponse response;
  const auto stub = inference::GRPCInferenceService::NewStub(channel_);
  const grpc::Status status = Infer(*stub, DigitsRequest("digits-tanh", kMaxBatchRows), response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(RawOutput(response, 0).size(), kMaxBatchRows * 10U);
}

TEST_F(BadInputServerTest, AnswersUnservedCallsWithUnimplemented) {
  for (const char* method : {"/inference.GRPCInferenceService/SystemSharedMemoryStatus",
                             "/inference.GRPCInferenceService/CudaSharedMemoryStatus",
                             "/inference.GRPCInferenceService/TraceSetting", "/some.Other/Call"}) {
    EXPECT_EQ(CallWithBytes(channel_, method, "").error_code(), grpc::StatusCode::UNIMPLEMENTED)
        << method;
  }
  ExpectServing();
}

TEST_F(BadInputServerTest, RefusesBytesThatAreNotARequest) {
  for (const std::string& bytes :
       {std::string("\xff\xff\xff"), std::string(1000, '\x0a'), std::string("\x2a\x7f\x01", 3)}) {
    EXPECT_FALSE(CallWithBytes(channel_, "/inference.GRPCInferenceService/ModelInfer", bytes).ok());
  }
  ExpectServing();
}

// A few kilobytes would inflate to this message.
TEST_F(BadInputServerTest, RefusesCompressedRequestsBeforeTheyAreInflated) {
  const ModelInferRequest request = DigitsRequest("digits-tanh", kMaxBatchRows);
  const auto stub = inference::GRPCInferenceService::NewStub(channel_);
  for (const grpc_compression_algorithm algorithm : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
    grpc::ClientContext context;
    context.set_compression_algorithm(algorithm);
    ModelInferResponse response;
    const grpc::Status status = stub->ModelInfer(&context, request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << status.error_message();
    EXPECT_THAT(status.error_message(), HasSubstr("Compression algorithm"));
  }
  ExpectServing();
}

TEST_F(BadInputServerTest, RefusesControlRequestsBeforeTheyAreDecoded) {
  const std::string service = "/inference.GRPCInferenceService/";
  for (const std::string& method :
       {service + "ServerLive", service + "ServerReady", service + "ServerMetadata",
        service + "ModelReady", service + "ModelMetadata", service + "ModelConfig",
        service + "ModelStatistics", service + "RepositoryIndex", service + "RepositoryModelUnload",
        service + "LogSettings", std::string("/grpc.health.v1.Health/Check"),
        std::string("/grpc.health.v1.Health/Watch"), std::string("/mlpserve.v1.Insight/Status"),
        std::string("/mlpserve.v1.Insight/GetBaseline"),
        std::string("/mlpserve.v1.Insight/AcceptWindows")}) {
    const grpc::Status no_message = CallWithBytes(channel_, method, "\xff\xff\xff");
    EXPECT_EQ(no_message.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << method;
    EXPECT_THAT(no_message.error_message(), HasSubstr("cannot be decoded")) << method;
    const grpc::Status too_long = CallWithBytes(channel_, method, std::string(65'537, '\xff'));
    EXPECT_EQ(too_long.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << method;
    EXPECT_THAT(too_long.error_message(), HasSubstr("has 65537 bytes; expected at most 65536"))
        << method;
  }
  ExpectServing();
}

TEST_F(BadInputServerTest, CreatesNoSeriesFromWhatClientsSend) {
  const Samples before = ReadMetrics(server_->http_port());
  const auto stub = inference::GRPCInferenceService::NewStub(channel_);
  for (int i = 0; i < 20; ++i) {
    ModelInferResponse response;
    Infer(*stub, DigitsRequest("unknown-" + std::to_string(i)), response);
  }
  const Samples after = ReadMetrics(server_->http_port());
  ASSERT_FALSE(before.empty());
  EXPECT_EQ(after.size(), before.size());
  const char* const unknown = R"(mlp_requests_total{code="NOT_FOUND",model="",version=""})";
  EXPECT_EQ(after.at(unknown) - before.at(unknown), 20);
}

TEST_F(BadInputServerTest, CountsRefusedRequestsByTheirCode) {
  const char* const refused =
      R"(mlp_requests_total{code="INVALID_ARGUMENT",model="digits-elu",version="1"})";
  const char* const rows = R"(mlp_rows_total{model="digits-elu",version="1"})";
  Samples before = ReadMetrics(server_->http_port());
  const auto stub = inference::GRPCInferenceService::NewStub(channel_);
  ModelInferRequest request = DigitsRequest("digits-elu");
  SetShape(request, {1, 63});
  ModelInferResponse response;
  Infer(*stub, request, response);
  const Samples after = ReadMetrics(server_->http_port());
  // The sample is missing before the model's first request.
  EXPECT_EQ(after.at(refused) - before[refused], 1);
  EXPECT_EQ(after.at(rows), before.at(rows));
}

TEST_F(BadInputServerTest, FollowsIeee754ForNanAndInfinityAndCountsThem) {
  std::vector<float> values(64, 0.5F);
  values[7] = std::numeric_limits<float>::quiet_NaN();
  const auto nonfinite = [](const std::string& model, const char* layer, const char* activation) {
    return ReadMetrics(server_->http_port())
        .at("mlp_nonfinite_activations_total{model=\"" + model + "\",version=\"1\",layer=\"" +
            layer + "\",activation=\"" + activation + "\"}");
  };
  const auto stub = inference::GRPCInferenceService::NewStub(channel_);
  ModelInferResponse response;
  ASSERT_TRUE(Infer(*stub, RawRequest("digits-leaky-relu", 1, 64, values), response).ok());
  for (const float value : RawOutput(response, 0)) EXPECT_TRUE(std::isnan(value));
  // A NaN in one input reaches every unit of every following layer.
  EXPECT_EQ(nonfinite("digits-leaky-relu", "hidden_1", "leaky_relu"),
            ReadMetrics(server_->http_port())
                .at(R"(mlp_layer_units{model="digits-leaky-relu",version="1",layer="hidden_1",)"
                    R"(activation="leaky_relu"})"));

  // tanh of an infinity is finite, so nothing is counted and the answer is a number.
  values[7] = std::numeric_limits<float>::infinity();
  response.Clear();
  ASSERT_TRUE(Infer(*stub, RawRequest("digits-tanh", 1, 64, values), response).ok());
  for (const float value : RawOutput(response, 0)) EXPECT_TRUE(std::isfinite(value));
  EXPECT_EQ(nonfinite("digits-tanh", "hidden_1", "tanh"), 0);
}

}  // namespace
}  // namespace mlp
