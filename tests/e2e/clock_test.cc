// The wall clock is set while the server drains. The drain must last as long as without that.

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <optional>
#include <string>
#include <thread>

#include "tests/e2e/inference_client.h"
#include "tests/e2e/server_process.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

class ClockStepTest : public ::testing::TestWithParam<long> {};

TEST_P(ClockStepTest, DoesNotChangeTheDrainTime) {
  const TemporaryFolder folder;
  const std::string clock = folder.path() / "clock";
  std::ofstream(clock) << 0;
  const auto server =
      ServerProcess::Start({"--model-repository", SampleModels().string(), "--drain-seconds", "6"},
                           {{"LD_PRELOAD", MLP_STEPPED_CLOCK}, {"STEPPED_CLOCK_FILE", clock}});
  if (!server.ok() && ServerProcess::IsOfAnotherBuild()) {
    GTEST_SKIP() << "its sanitizer wants to be loaded first: " << server.status();
  }
  ASSERT_TRUE(server.ok()) << server.status();
  const auto stub =
      inference::GRPCInferenceService::NewStub(OpenChannel((*server)->grpc_address()));

  // A client that keeps sending. The drain waits half of its time for the client, then refuses it.
  inference::ModelInferResponse response;
  ASSERT_TRUE(Infer(*stub, DigitsRequest("digits-tanh"), response).ok());
  const auto start = std::chrono::steady_clock::now();
  (*server)->Signal(SIGTERM);
  bool stepped = false;
  std::optional<std::chrono::steady_clock::duration> refused;
  while (!refused && std::chrono::steady_clock::now() - start < std::chrono::seconds(20)) {
    const grpc::Status status = Infer(*stub, DigitsRequest("digits-tanh"), response);
    const auto since = std::chrono::steady_clock::now() - start;
    if (!status.ok()) refused = since;
    if (!stepped && since > std::chrono::milliseconds(500)) {
      std::ofstream(clock) << GetParam();
      stepped = true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ASSERT_TRUE(refused) << "still drains, and answers";
  EXPECT_GE(*refused, std::chrono::milliseconds(2500));
  EXPECT_EQ((*server)->WaitForExit(), 0) << (*server)->log();
}

INSTANTIATE_TEST_SUITE_P(AnHour, ClockStepTest, ::testing::Values(3600L, -3600L),
                         [](const auto& param) { return param.param > 0 ? "Ahead" : "Back"; });

}  // namespace
}  // namespace mlp
