// What a load does to the rest of the server: requests, memory, threads and the exit after a
// signal.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/published_models.h"
#include "tests/e2e/repository_control_test.h"
#include "tests/e2e/repository_server_test.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"
#include "tests/warm_up_text.h"

namespace mlp {
namespace {

using inference::ModelInferRequest;
using inference::ModelInferResponse;
using ::testing::HasSubstr;

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

TEST_F(RepositoryControlTest, ASignalDuringTheInitialLoadEndsTheServer) {
  folders_.Publish("slow", 1, "digits-relu");
  folders_.Write("slow/config.pbtxt", WarmUpText(64, 1000));
  const auto server =
      ServerProcess::StartUntil("/metrics", {"--model-repository", folders_.root().string()});
  ASSERT_TRUE(server.ok()) << server.status();
  (*server)->Signal(SIGTERM);
  EXPECT_EQ((*server)->WaitForExit(), 0);
  EXPECT_THAT((*server)->log(), HasSubstr("stopped before anything was served"));
}

TEST_F(RepositoryControlTest, ASignalCancelsTheLoadInProgress) {
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
TEST_F(RepositoryControlTest, KeepsServingAndReportsALoadInProgress) {
  folders_.Publish("relu", 1, "digits-relu");
  folders_.Publish("slow", 1, "digits-relu");
  // A server with a sanitizer takes much longer for each.
  const int count = ServerProcess::HaveSanitizers() ? 30 : 500;
  folders_.Write("slow/config.pbtxt", WarmUpText(1, count));
  Start({"--model-control", "explicit", "--load-model", "relu"});
  grpc::Status early;
  // If this process stands still, the load ends before it has looked. Then there is another one.
  EXPECT_TRUE(Eventually([&] {
    std::future<grpc::Status> loaded =
        std::async(std::launch::async, [&] { return LoadModel(*stub_, "slow"); });
    const auto is_over = [&] {
      return loaded.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    };
    EXPECT_TRUE(Eventually(
        [&] { return Index(*stub_)["slow/1"] == "LOADING: it is being loaded" || is_over(); }));
    ModelInferResponse response;
    early = Infer(*stub_, DigitsRequest("slow"), response);
    EXPECT_EQ(AnswerOf(*stub_, "relu").size(), 10U);
    const bool in_time = !is_over();
    EXPECT_TRUE(loaded.get().ok());
    EXPECT_EQ(Index(*stub_)["slow/1"], "READY");
    if (in_time) return true;
    EXPECT_TRUE(UnloadModel(*stub_, "slow").ok());
    return false;
  })) << "the load was to be slower than this test";
  EXPECT_EQ(early.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(early.error_message(), HasSubstr("is being loaded"));
}

// The niceness of each thread of the process.
std::vector<int> Niceness(pid_t process) {
  std::vector<int> niceness;
  std::error_code error;
  for (const auto& thread :
       std::filesystem::directory_iterator(absl::StrCat("/proc/", process, "/task"), error)) {
    std::ifstream file(thread.path() / "stat");
    std::string line;
    if (!std::getline(file, line)) continue;  // it has ended
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
  const int own = Niceness(getpid()).front();
  // The threads that load, watch, calibrate and write long answers are nicer. All others have the
  // niceness of this process, which may itself be above 0.
  constexpr std::ptrdiff_t kLowThreads = 4;
  if (own == 19) GTEST_SKIP() << "nothing is lower than what this runs with";
  // A thread sets its own niceness when it first runs.
  std::vector<int> niceness;
  EXPECT_TRUE(Eventually([&] {
    niceness = Niceness(server_->pid());
    return std::count(niceness.begin(), niceness.end(), own) ==
           static_cast<std::ptrdiff_t>(niceness.size()) - kLowThreads;
  })) << ::testing::PrintToString(niceness);
  EXPECT_GT(niceness.size(), 4U);
  EXPECT_EQ(*std::max_element(niceness.begin(), niceness.end()), std::min(own + 10, 19));
}

}  // namespace
}  // namespace mlp
