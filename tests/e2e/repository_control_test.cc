// Models loaded and unloaded by request, seen from outside: the answers before, between and after.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "proto/health.grpc.pb.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/published_models.h"
#include "tests/e2e/repository_control_test.h"
#include "tests/e2e/repository_server_test.h"
#include "tests/e2e/server_log.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using inference::ModelInferResponse;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

TEST_F(RepositoryControlTest, LoadsAndUnloadsRequestedModels) {
  folders_.Publish("relu", 1, "digits-relu");
  folders_.Publish("copy", 4, "digits-relu");
  Start({"--model-control", "explicit"});
  EXPECT_THAT(Index(*stub_), ElementsAre(Pair("copy/", StartsWith("UNAVAILABLE")),
                                         Pair("relu/", StartsWith("UNAVAILABLE"))));
  EXPECT_THAT(AnswerOf(*stub_, "relu"), IsEmpty());
  for (const char* model : {"relu", "copy"}) {
    const grpc::Status status = LoadModel(*stub_, model);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
  EXPECT_EQ(Index(*stub_)["relu/1"], "READY");
  const std::vector<float> answer = AnswerOf(*stub_, "relu");
  EXPECT_EQ(answer.size(), 10U);
  EXPECT_EQ(AnswerOf(*stub_, "copy", "4"), answer);

  EXPECT_TRUE(UnloadModel(*stub_, "relu").ok());
  EXPECT_EQ(Index(*stub_)["relu/1"], "UNAVAILABLE: unloaded");
  ModelInferResponse response;
  const grpc::Status gone = Infer(*stub_, DigitsRequest("relu"), response);
  EXPECT_EQ(gone.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(gone.error_message(), HasSubstr("unloaded"));
  EXPECT_EQ(AnswerOf(*stub_, "copy"), answer);
  EXPECT_TRUE(Eventually(
      [&] { return MetricsPage().find(R"(mlp_rows_total{model="relu")") == std::string::npos; }));
  EXPECT_EQ(ReadMetrics(server_->http_port())[R"(mlp_model_loads_total{model="relu",result="ok"})"],
            1.0);
}

TEST_F(RepositoryControlTest, StartsWithTheNamedModels) {
  folders_.Publish("a", 1, "digits-relu");
  folders_.Publish("b", 1, "digits-relu");
  folders_.Publish("c", 1, "digits-relu");
  Start({"--model-control", "explicit", "--load-model", "a", "--load-model", "c"});
  EXPECT_THAT(Index(*stub_),
              ElementsAre(Pair("a/1", "READY"), Pair("b/", "UNAVAILABLE: not loaded"),
                          Pair("c/1", "READY")));
  EXPECT_EQ(AnswerOf(*stub_, "c").size(), 10U);
}

TEST_F(RepositoryControlTest, ReportsWhatIsWrong) {
  folders_.Write("broken/1/model.onnx", "no model");
  Start({"--model-control", "explicit"});
  const grpc::Status missing = LoadModel(*stub_, "nobody");
  EXPECT_EQ(missing.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(missing.error_message(), HasSubstr("'nobody' is not in the model repository"));
  const grpc::Status broken = LoadModel(*stub_, "broken");
  EXPECT_EQ(broken.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(broken.error_message(), HasSubstr("model 'broken' version 1: 'model.onnx'"));
  EXPECT_THAT(broken.error_message(), Not(HasSubstr(folders_.root().string())));
  EXPECT_EQ(LoadModel(*stub_, "").error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(LoadModel(*stub_, "../broken").error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(UnloadModel(*stub_, "nobody").error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(RepositoryControlTest, IsOffUnlessExplicit) {
  folders_.Publish("relu", 1, "digits-relu");
  Start({});
  for (const grpc::Status& status : {LoadModel(*stub_, "relu"), UnloadModel(*stub_, "relu")}) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_THAT(status.error_message(),
                HasSubstr("--model-control is none, so models are loaded only at the start; "
                          "expected explicit"));
  }
  EXPECT_EQ(AnswerOf(*stub_, "relu").size(), 10U);
}

TEST_F(RepositoryControlTest, ABadNewVersionChangesNothing) {
  folders_.Publish("relu", 1, "digits-relu");
  Start({"--model-control", "explicit", "--load-model", "relu"});
  const std::vector<float> before = AnswerOf(*stub_, "relu");
  folders_.Write("relu/2/model.onnx", "no model");
  EXPECT_EQ(LoadModel(*stub_, "relu").error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(AnswerOf(*stub_, "relu"), before);
  EXPECT_EQ(Index(*stub_)["relu/1"], "READY");
  EXPECT_THAT(Index(*stub_)["relu/2"], StartsWith("UNAVAILABLE: 'model.onnx'"));
  Samples samples = ReadMetrics(server_->http_port());
  EXPECT_EQ(samples[R"(mlp_model_loads_total{model="relu",result="failed"})"], 1.0);
  EXPECT_EQ(samples[R"(mlp_model_loads_total{model="relu",result="ok"})"], 1.0);
  // The model is still ready, and no series says otherwise.
  EXPECT_EQ(samples.at(R"(mlp_model_ready{model="relu"})"), 1.0);
  EXPECT_EQ(samples.at(R"(mlp_model_version_refused{model="relu",version="1"})"), 0.0);
  EXPECT_EQ(samples.at(R"(mlp_model_version_refused{model="relu",version="2"})"), 1.0);
  EXPECT_TRUE(Logs(*server_, "error model 'relu' version 2 is refused: 'model.onnx'"));
}

RepositoryParameters FileParameter(const std::string& key, const std::string& content) {
  RepositoryParameters parameters;
  parameters[key].set_bytes_param(content);
  return parameters;
}

TEST_F(RepositoryControlTest, RefusesFilesFromClientsUnlessAllowed) {
  folders_.Publish("relu", 1, "digits-relu");
  Start({"--model-control", "explicit", "--load-model", "relu"});
  const grpc::Status status =
      LoadModel(*stub_, "sent", FileParameter("file:1/model.onnx", SampleContent("digits-relu")));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(status.error_message(), HasSubstr("--allow-rpc-model-files"));
  RepositoryParameters config;
  config["config"].set_string_param("{}");
  EXPECT_EQ(LoadModel(*stub_, "relu", config).error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(RepositoryControlTest, AcceptsFilesFromClientsIfAllowed) {
  folders_.Publish("relu", 1, "digits-relu");
  Start({"--model-control", "explicit", "--load-model", "relu", "--allow-rpc-model-files"});
  RepositoryParameters parameters =
      FileParameter("file:7/model.onnx", SampleContent("digits-relu"));
  parameters["config"].set_string_param(R"({"max_batch_size": 3})");
  const grpc::Status sent = LoadModel(*stub_, "sent", parameters);
  EXPECT_TRUE(sent.ok()) << sent.error_message();
  EXPECT_EQ(AnswerOf(*stub_, "sent", "7"), AnswerOf(*stub_, "relu"));
  ModelInferResponse response;
  EXPECT_EQ(Infer(*stub_, DigitsRequest("sent", 4), response).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  const grpc::Status outside = LoadModel(*stub_, "sent", FileParameter("file:1/../../x", "x"));
  EXPECT_EQ(outside.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(UnloadModel(*stub_, "sent").ok());
  EXPECT_EQ(Index(*stub_).count("sent/7"), 0U);
}

TEST_F(RepositoryControlTest, NotifiesHealthWatchersOfLoadsAndUnloads) {
  folders_.Publish("relu", 1, "digits-relu");
  Start({"--model-control", "explicit"});
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  HealthCheckRequest request;
  request.set_service("relu");
  const auto stream = grpc::health::v1::Health::NewStub(channel_)->Watch(&context, request);
  HealthCheckResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVICE_UNKNOWN);
  EXPECT_TRUE(LoadModel(*stub_, "relu").ok());
  do {
    ASSERT_TRUE(stream->Read(&response));  // NOT_SERVING while the model is loaded
  } while (response.status() == HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  EXPECT_TRUE(UnloadModel(*stub_, "relu").ok());
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  context.TryCancel();
}

}  // namespace
}  // namespace mlp
