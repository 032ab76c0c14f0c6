// SIGTERM while a model is loading that never finishes, because one of its files cannot be read to
// the end. The server must still end.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <future>
#include <string>

#include "absl/strings/match.h"
#include "tests/e2e/child_process.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/published_models.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

using inference::GRPCInferenceService;
using ::testing::HasSubstr;

// stuck_file.cc writes this once the server waits for the file. Only then has the endless load
// begun; an earlier stop would be an ordinary one.
constexpr char kIsNotRead[] = "a file is not read";

class StopInLoadTest : public ::testing::Test {
 protected:
  StopInLoadTest() {
    folders_.Publish("relu", 1, "digits-relu");
    folders_.Publish("stuck", 1, "digits-relu");
  }

  PublishedModels folders_;
  const Environment environment_ = {{"LD_PRELOAD", MLP_STUCK_FILE}};
};

TEST_F(StopInLoadTest, StopsWhileAFileReadIsBlocked) {
  const auto server =
      ServerProcess::Start({"--model-repository", folders_.root().string(), "--drain-seconds", "2",
                            "--model-control", "explicit", "--load-model", "relu"},
                           environment_);
  if (!server.ok() && ServerProcess::IsOfAnotherBuild()) {
    GTEST_SKIP() << "its sanitizer wants to be loaded first: " << server.status();
  }
  ASSERT_TRUE(server.ok()) << server.status();
  const auto stub = GRPCInferenceService::NewStub(OpenChannel((*server)->grpc_address()));
  std::future<grpc::Status> loaded =
      std::async(std::launch::async, [&] { return LoadModel(*stub, "stuck"); });
  EXPECT_TRUE(Eventually([&] { return absl::StrContains((*server)->log(), kIsNotRead); }));
  EXPECT_EQ(Index(*stub)["stuck/1"], "LOADING: it is being loaded");
  EXPECT_EQ(AnswerOf(*stub, "relu").size(), 10U);
  (*server)->Signal(SIGTERM);
  EXPECT_EQ((*server)->WaitForExit(), 0) << (*server)->log();
  EXPECT_EQ(loaded.get().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT((*server)->log(), HasSubstr("stopped during a load"));
}

TEST_F(StopInLoadTest, StopsWhileAFileReadIsBlockedAtTheStart) {
  const auto server = ChildProcess::Start(
      ServerCommand({"--model-repository", folders_.root().string(), "--grpc-address",
                     "127.0.0.1:0", "--http-address", "127.0.0.1:0"},
                    environment_));
  ASSERT_TRUE(server.ok()) << server.status();
  const absl::Status begun = (*server)->WaitForLog([](const std::string& log) {
    return absl::StrContains(log, "model 'relu' version 1 is loaded") &&
           absl::StrContains(log, kIsNotRead);
  });
  if (!begun.ok() && ServerProcess::IsOfAnotherBuild()) {
    GTEST_SKIP() << "its sanitizer wants to be loaded first: " << begun;
  }
  ASSERT_TRUE(begun.ok()) << begun;
  (*server)->Signal(SIGTERM);
  EXPECT_EQ((*server)->WaitForExit(), 0) << (*server)->log();
  EXPECT_THAT((*server)->log(), HasSubstr("stopped before anything was served"));
}

TEST_F(StopInLoadTest, StopsValidationWhileAFileReadIsBlocked) {
  const auto server = ChildProcess::Start(
      ServerCommand({"--validate", "--model-repository", folders_.root().string()}, environment_));
  ASSERT_TRUE(server.ok()) << server.status();
  const absl::Status begun = (*server)->WaitForLog(
      [](const std::string& log) { return absl::StrContains(log, kIsNotRead); });
  if (!begun.ok() && ServerProcess::IsOfAnotherBuild()) {
    GTEST_SKIP() << "its sanitizer wants to be loaded first: " << begun;
  }
  ASSERT_TRUE(begun.ok()) << begun;
  (*server)->Signal(SIGTERM);
  EXPECT_EQ((*server)->WaitForExit(), 1) << (*server)->log();
  EXPECT_THAT((*server)->log(), HasSubstr("stopped before all models were loaded"));
}

}  // namespace
}  // namespace mlp
