// The log's settings, read and changed over gRPC and REST while the server runs.

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/e2e/inference_client.h"
#include "tests/e2e/rest_client.h"
#include "tests/e2e/server_log.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

using inference::GRPCInferenceService;
using inference::LogSettingsRequest;
using inference::LogSettingsResponse;
using nlohmann::json;
using ::testing::HasSubstr;

constexpr char kLogging[] = "/v2/logging";

class LogSettingsServerTest : public ::testing::Test {
 protected:
  void Start(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--rest-address", "127.0.0.1:0"});
    auto server = ServerProcess::StartOnSampleModels(std::move(arguments));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    stub_ = GRPCInferenceService::NewStub(OpenChannel(server_->grpc_address()));
    rest_ = std::make_unique<RestClient>(server_->rest_port());
  }

  grpc::Status Ask(const LogSettingsRequest& request, LogSettingsResponse& response) {
    grpc::ClientContext context;
    return stub_->LogSettings(&context, request, &response);
  }

  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<GRPCInferenceService::Stub> stub_;
  std::unique_ptr<RestClient> rest_;
};

TEST_F(LogSettingsServerTest, AreReadAndChangedIfModelsMayChange) {
  Start({"--model-control", "explicit", "--load-model", "digits-tanh"});
  LogSettingsResponse response;
  ASSERT_TRUE(Ask({}, response).ok());
  EXPECT_EQ(response.settings().at("log_format").string_param(), "text");
  const RestAnswer read = rest_->Get(kLogging);
  EXPECT_EQ(read.code, 200);
  EXPECT_EQ(read.body, R"({"log_error":true,"log_file":"","log_format":"text","log_info":true,)"
                       R"("log_verbose_level":0,"log_warning":true})");

  LogSettingsRequest request;
  (*request.mutable_settings())["log_format"].set_string_param("json");
  (*request.mutable_settings())["log_verbose_level"].set_uint32_param(2);
  ASSERT_TRUE(Ask(request, response).ok());
  EXPECT_EQ(response.settings().at("log_format").string_param(), "json");
  EXPECT_EQ(response.settings().at("log_verbose_level").uint32_param(), 2U);
  EXPECT_TRUE(Logs(*server_, "a client changes the log's settings"));

  // A client's mistake is logged in the new format, and then no longer.
  inference::ModelInferResponse answer;
  inference::ModelInferRequest wrong = DigitsRequest("digits-tanh");
  wrong.clear_inputs();
  EXPECT_FALSE(Infer(*stub_, wrong, answer).ok());
  EXPECT_TRUE(Logs(*server_, R"("level":"info","message":"failed request: )"));
  const RestAnswer changed = rest_->Post(kLogging, R"({"log_info":false,"log_format":null})");
  EXPECT_EQ(changed.code, 200) << changed.body;
  EXPECT_EQ(json::parse(changed.body).at("log_info"), false);
  EXPECT_EQ(json::parse(changed.body).at("log_verbose_level"), 2);
  ASSERT_TRUE(Ask({}, response).ok());
  EXPECT_FALSE(response.settings().at("log_info").bool_param());
  EXPECT_EQ(response.settings().at("log_format").string_param(), "json");
}

TEST_F(LogSettingsServerTest, AreOnlyReadIfModelsMayNotChange) {
  Start({});
  LogSettingsResponse response;
  EXPECT_TRUE(Ask({}, response).ok());
  EXPECT_EQ(rest_->Post(kLogging, "{}").code, 200);
  LogSettingsRequest request;
  (*request.mutable_settings())["log_info"].set_bool_param(false);
  const grpc::Status status = Ask(request, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(status.error_message(), HasSubstr("--model-control"));
  EXPECT_EQ(rest_->Post(kLogging, R"({"log_info":false})").code, 503);
  EXPECT_EQ(json::parse(rest_->Get(kLogging).body).at("log_info"), true);
}

TEST_F(LogSettingsServerTest, RefuseUnknownOrInvalidSettings) {
  Start({"--model-control", "explicit", "--load-model", "digits-tanh"});
  for (const char* body :
       {R"({"log_info":1})", R"({"log_info":"yes"})", R"({"log_verbose_level":-1})",
        R"({"log_verbose_level":4294967296})", R"({"log_verbose_level":1.5})",
        R"({"log_format":"xml"})", R"({"log_file":"/etc/passwd"})", R"({"log_level":"debug"})",
        R"({"log_info":[true]})", R"({"log_info":)", "[]", R"({"log_info":true}x)"}) {
    EXPECT_EQ(rest_->Post(kLogging, body).code, 400) << body;
  }
  EXPECT_EQ(json::parse(rest_->Get(kLogging).body).at("log_verbose_level"), 0);
}

}  // namespace
}  // namespace mlp
