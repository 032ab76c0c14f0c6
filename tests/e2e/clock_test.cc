// The wall clock is set while the server drains. The drain must last as long as without that.

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>

#include "tests/e2e/inference_client.h"
#include "tests/e2e/pauses.h"
#include "tests/e2e/server_process.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

class ClockStepTest : public ::testing::TestWithParam<long> {
 protected:
  using Time = std::chrono::steady_clock;

  // Ends the server under a client that keeps sending, and steps its clock. The drain waits half of
  // its time for the client, then refuses it. Returns after how long; the greatest value if never.
  static Time::duration TimeUntilRefused(ServerProcess& server, const std::string& clock,
                                         Pauses& pauses);
};

ClockStepTest::Time::duration ClockStepTest::TimeUntilRefused(ServerProcess& server,
                                                              const std::string& clock,
                                                              Pauses& pauses) {
  const auto stub = inference::GRPCInferenceService::NewStub(OpenChannel(server.grpc_address()));
  inference::ModelInferResponse response;
  EXPECT_TRUE(Infer(*stub, DigitsRequest("digits-tanh"), response).ok());
  const Time::time_point start = Time::now();
  server.Signal(SIGTERM);
  bool stepped = false;
  while (Time::now() - start < std::chrono::seconds(20)) {
    pauses.Mark();
    const grpc::Status status = Infer(*stub, DigitsRequest("digits-tanh"), response);
    pauses.Mark();
    const Time::duration since = Time::now() - start;
    if (!status.ok()) return since;
    if (!stepped && since > std::chrono::milliseconds(500)) {
      std::ofstream(clock) << GetParam();
      stepped = true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return Time::duration::max();
}

TEST_P(ClockStepTest, DoesNotChangeTheDrainTime) {
  for (int i = 0; i < kMaxRepetitions; ++i) {
    const TemporaryFolder folder;
    const std::string clock = folder.path() / "clock";
    std::ofstream(clock) << 0;
    const auto server = ServerProcess::Start(
        {"--model-repository", SampleModels().string(), "--drain-seconds", "6"},
        {{"LD_PRELOAD", MLP_STEPPED_CLOCK}, {"STEPPED_CLOCK_FILE", clock}});
    if (!server.ok() && ServerProcess::IsOfAnotherBuild()) {
      GTEST_SKIP() << "its sanitizer wants to be loaded first: " << server.status();
    }
    ASSERT_TRUE(server.ok()) << server.status();
    Pauses pauses;
    const Time::duration refused = TimeUntilRefused(**server, clock, pauses);
    ASSERT_LT(refused, Time::duration::max()) << "still drains, and answers";
    EXPECT_EQ((*server)->WaitForExit(), 0) << (*server)->log();
    if (refused >= std::chrono::milliseconds(2500)) return;
    ASSERT_TRUE(pauses.any()) << "refused after " << std::chrono::duration<double>(refused).count()
                              << " s";
  }
  FAIL() << "the client paused each time";
}

INSTANTIATE_TEST_SUITE_P(AnHour, ClockStepTest, ::testing::Values(3600L, -3600L),
                         [](const auto& param) { return param.param > 0 ? "Ahead" : "Back"; });

}  // namespace
}  // namespace mlp
