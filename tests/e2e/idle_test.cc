// A server with far too many threads. They must cost nothing while it is idle, and end immediately.

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/process_times.h"
#include "tests/e2e/published_models.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

TEST(IdleTest, ThreadsSleepWhileIdle) {
  constexpr int kThreads = 64;
  const auto server = ServerProcess::StartOnSampleModels({"--rpc-threads", absl::StrCat(kThreads)});
  ASSERT_TRUE(server.ok()) << server.status();
  const pid_t process = (*server)->pid();
  const auto stub =
      inference::GRPCInferenceService::NewStub(OpenChannel((*server)->grpc_address()));
  inference::ModelInferResponse response;
  EXPECT_TRUE(Infer(*stub, DigitsRequest("digits-tanh"), response).ok());
  // Sanitizers run a thread themselves.
  const std::int64_t most = ServerProcess::IsOfAnotherBuild() ? kThreads : kThreads / 2;
  std::int64_t sleeps = 0;
  double cpu_seconds = 0;
  // After the last event, the threads look about twenty more times.
  EXPECT_TRUE(Eventually([&] {
    const std::int64_t sleeps_before = Sleeps(process);
    const double cpu_before = CpuSeconds(process);
    std::this_thread::sleep_for(std::chrono::seconds(2));
    sleeps = Sleeps(process) - sleeps_before;
    cpu_seconds = CpuSeconds(process) - cpu_before;
    return sleeps < most && cpu_seconds < 0.1;
  })) << sleeps
      << " sleeps and " << cpu_seconds << " s of CPU time in two seconds";
  RecordProperty("sleeps_in_two_seconds", static_cast<int>(sleeps));
}

TEST(IdleTest, ManyThreadsEndImmediately) {
  if (ServerProcess::IsOfAnotherBuild()) GTEST_SKIP() << "a sanitizer's threads take long to end";
  std::chrono::duration<double> time{};
  // A machine that stalls takes as long now and then.
  for (int attempt = 0; attempt < 3; ++attempt) {
    const auto server = ServerProcess::StartOnSampleModels({"--rpc-threads", "1024"});
    ASSERT_TRUE(server.ok()) << server.status();
    const auto start = std::chrono::steady_clock::now();
    (*server)->Signal(SIGTERM);
    EXPECT_EQ((*server)->WaitForExit(), 0);
    time = std::chrono::steady_clock::now() - start;
    if (time < std::chrono::seconds(10)) break;
  }
  EXPECT_LT(time.count(), 10) << "one after the other took 22 s";
  RecordProperty("seconds", std::to_string(time.count()));
}

// The threads sleep, but a model that was unloaded must be released before the next request.
TEST(IdleTest, AnUnloadedModelIsReleasedWhileIdle) {
  const auto server = ServerProcess::StartOnSampleModels({"--rpc-threads", "4", "--model-control",
                                                          "explicit", "--load-model", "digits-tanh",
                                                          "--load-model", "digits-relu"});
  ASSERT_TRUE(server.ok()) << server.status();
  const auto stub =
      inference::GRPCInferenceService::NewStub(OpenChannel((*server)->grpc_address()));
  inference::ModelInferResponse response;
  ASSERT_TRUE(Infer(*stub, DigitsRequest("digits-tanh"), response).ok());
  ASSERT_TRUE(UnloadModel(*stub, "digits-tanh").ok());
  // Series are shown for as long as anything holds the model.
  EXPECT_TRUE(Eventually([&] {
    return ReadMetrics((*server)->http_port())
               .count(R"(mlp_rows_total{model="digits-tanh",version="1"})") == 0;
  }));
}

}  // namespace
}  // namespace mlp
