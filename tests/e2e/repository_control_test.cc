// Models loaded and unloaded by request, seen from outside: the answers while they change.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "proto/health.grpc.pb.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/published_models.h"
#include "tests/e2e/repository_server_test.h"
#include "tests/e2e/server_log.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"
#include "tests/warm_up_text.h"

namespace mlp {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using inference::ModelInferRequest;
using inference::ModelInferResponse;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

class RepositoryControlTest : public RepositoryServerTest {
 protected:
  std::string MetricsPage() { return HttpGet(server_->http_port(), "/metrics").body; }
};

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

TEST_F(RepositoryControlTest, TellsWhatIsWrong) {
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

// Every answer is right for the version that it names, and no request fails.
TEST_F(RepositoryControlTest, SwapsAVersionWhileRequestsRun) {
  folders_.Publish("relu", 1, "digits-relu");
  folders_.Publish("tanh", 1, "digits-tanh");
  folders_.Write("swap/config.pbtxt", "version_policy { latest { num_versions: 1 } }");
  folders_.Publish("swap", 1, "digits-relu");
  Start({"--model-control", "explicit", "--load-model", "*"});
  const std::vector<float> of_version[] = {AnswerOf(*stub_, "relu"), AnswerOf(*stub_, "tanh")};
  ASSERT_NE(of_version[0], of_version[1]);

  std::future<grpc::Status> loaded;
  int answered[] = {0, 0};
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  InferMany(
      channel_, 16,
      [&](int) -> std::optional<ModelInferRequest> {
        if (answered[0] == 500 && !loaded.valid()) {
          folders_.Publish("swap", 2, "digits-tanh");
          loaded = std::async(std::launch::async, [&] { return LoadModel(*stub_, "swap"); });
        }
        if (answered[1] >= 500 || std::chrono::steady_clock::now() > end) return std::nullopt;
        return DigitsRequest("swap");
      },
      [&](int, const grpc::Status& status, const ModelInferResponse& response) {
        ASSERT_TRUE(status.ok()) << status.error_message();
        const std::size_t version = response.model_version() == "1" ? 0 : 1;
        ++answered[version];
        EXPECT_EQ(RawOutput(response, 0), of_version[version]) << response.model_version();
      });
  EXPECT_GE(answered[0], 500);
  EXPECT_GE(answered[1], 500);
  EXPECT_TRUE(loaded.get().ok());
  EXPECT_EQ(Index(*stub_).count("swap/1"), 0U);
  EXPECT_TRUE(Eventually(
      [&] { return MetricsPage().find(R"(model="swap",version="1")") == std::string::npos; }));
  EXPECT_THAT(MetricsPage(), HasSubstr(R"(mlp_rows_total{model="swap",version="2"})"));
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

TEST_F(RepositoryControlTest, TakesNoFilesFromClientsUnlessAllowed) {
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

TEST_F(RepositoryControlTest, TakesFilesFromClientsWhereAllowed) {
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

TEST_F(RepositoryControlTest, TellsHealthWatchersOfModelsThatComeAndGo) {
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

TEST_F(RepositoryControlTest, AChangeReturnsFreeMemory) {
  folders_.Publish("relu", 1, "digits-relu");
  folders_.Write("relu/config.pbtxt", "dynamic_batching { max_queue_delay_microseconds: 500000 }");
  Start({"--model-control", "explicit", "--load-model", "relu"});
  const auto resident = [&] {
    return ReadMetrics(server_->http_port()).at("process_resident_memory_bytes");
  };
  // The requests wait for one another.
  constexpr int kWaiting = 3000;
  int answered = 0;
  InferMany(
      channel_, kWaiting,
      [](int index) -> std::optional<ModelInferRequest> {
        if (index == kWaiting) return std::nullopt;
        return DigitsRequest("relu");
      },
      [&](int, const grpc::Status& status, const ModelInferResponse&) {
        answered += status.ok() ? 1 : 0;
      });
  EXPECT_EQ(answered, kWaiting);
  const double before = resident();
  EXPECT_TRUE(LoadModel(*stub_, "relu").ok());
  const double after = resident();
  // Sanitizers need memory themselves.
  if (!ServerProcess::IsOfAnotherBuild()) {
    EXPECT_LT(after, before - 10e6);
  }
}

TEST_F(RepositoryControlTest, ASignalWhileTheStartIsLoadedEndsTheServer) {
  folders_.Publish("slow", 1, "digits-relu");
  folders_.Write("slow/config.pbtxt", WarmUpText(64, 1000));
  const auto server =
      ServerProcess::StartUntil("/metrics", {"--model-repository", folders_.root().string()});
  ASSERT_TRUE(server.ok()) << server.status();
  (*server)->Signal(SIGTERM);
  EXPECT_EQ((*server)->WaitForExit(), 0);
  EXPECT_THAT((*server)->log(), HasSubstr("stopped before anything was served"));
}

TEST_F(RepositoryControlTest, ASignalGivesUpWhatIsBeingLoaded) {
  folders_.Publish("slow", 1, "digits-relu");
  folders_.Write("slow/config.pbtxt", WarmUpText(64, 1000));
  Start({"--model-control", "explicit"});
  std::future<grpc::Status> loaded =
      std::async(std::launch::async, [&] { return LoadModel(*stub_, "slow"); });
  EXPECT_TRUE(Eventually([&] { return Index(*stub_)["slow/1"] == "LOADING: it is being loaded"; }));
  server_->Signal(SIGTERM);
  const grpc::Status status = loaded.get();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(status.error_message(), HasSubstr("the server is stopping"));
  EXPECT_EQ(server_->WaitForExit(), 0);
}

// A warm-up that takes seconds stands for a large model.
TEST_F(RepositoryControlTest, KeepsServingAndSaysSoWhileAModelIsLoaded) {
  folders_.Publish("relu", 1, "digits-relu");
  folders_.Publish("slow", 1, "digits-relu");
  // A server with a sanitizer takes much longer for each.
  const int count = ServerProcess::HaveSanitizers() ? 30 : 500;
  folders_.Write("slow/config.pbtxt", WarmUpText(1, count));
  Start({"--model-control", "explicit", "--load-model", "relu"});
  std::future<grpc::Status> loaded =
      std::async(std::launch::async, [&] { return LoadModel(*stub_, "slow"); });
  EXPECT_TRUE(Eventually([&] { return Index(*stub_)["slow/1"] == "LOADING: it is being loaded"; }));
  ModelInferResponse response;
  const grpc::Status early = Infer(*stub_, DigitsRequest("slow"), response);
  EXPECT_EQ(early.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(early.error_message(), HasSubstr("is being loaded"));
  EXPECT_EQ(AnswerOf(*stub_, "relu").size(), 10U);
  EXPECT_EQ(loaded.wait_for(std::chrono::seconds(0)), std::future_status::timeout)
      << "the load was to be slower than this test";
  EXPECT_TRUE(loaded.get().ok());
  EXPECT_EQ(Index(*stub_)["slow/1"], "READY");
}

// The niceness of each thread of the process.
std::vector<int> Niceness(pid_t process) {
  std::vector<int> niceness;
  std::error_code error;
  for (const auto& thread :
       std::filesystem::directory_iterator(absl::StrCat("/proc/", process, "/task"), error)) {
    std::ifstream file(thread.path() / "stat");
    std::string line;
    std::getline(file, line);
    // The name may contain any character. Field 19 is the 17th behind it.
    const std::vector<std::string> fields = absl::StrSplit(line.substr(line.rfind(')') + 2), ' ');
    niceness.push_back(std::stoi(fields.at(16)));
  }
  return niceness;
}

TEST_F(RepositoryControlTest, LoadsOnAThreadOfLowPriority) {
  folders_.Publish("relu", 1, "digits-relu");
  folders_.Write("relu/config.pbtxt",
                 R"(model_warmup { name: "large" batch_size: 4096 inputs {
                      key: "pixels" value { data_type: TYPE_FP32 dims: 64 zero_data: true } } })");
  Start({"--model-control", "explicit"});
  EXPECT_TRUE(LoadModel(*stub_, "relu").ok());
  ModelInferResponse response;
  EXPECT_TRUE(Infer(*stub_, DigitsRequest("relu", 4096), response).ok());
  const std::vector<int> niceness = Niceness(server_->pid());
  const int own = Niceness(getpid()).front();
  EXPECT_GT(niceness.size(), 4U);
  // The threads that load, watch, calibrate and write long answers are nicer. All others have the
  // niceness of this process, which may itself be above 0.
  constexpr std::ptrdiff_t kLowThreads = 4;
  if (own == 19) GTEST_SKIP() << "nothing is lower than what this runs with";
  EXPECT_EQ(std::count(niceness.begin(), niceness.end(), own),
            static_cast<std::ptrdiff_t>(niceness.size()) - kLowThreads);
  EXPECT_EQ(*std::max_element(niceness.begin(), niceness.end()), std::min(own + 10, 19));
}

}  // namespace
}  // namespace mlp
