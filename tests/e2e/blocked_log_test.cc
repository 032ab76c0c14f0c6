// Standard error is a pipe that nobody reads. The server must still serve, change its models and
// end.

#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <vector>

#include "tests/e2e/child_process.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/published_models.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

TEST(BlockedLogTest, DelaysNeitherModelChangesNorTheShutdown) {
  PublishedModels published;
  published.Publish("digits", 1, "digits-tanh");
  const auto server =
      ServerProcess::Start({"--model-repository", published.root().string(), "--model-control",
                            "explicit", "--load-model", "*", "--drain-seconds", "2"});
  ASSERT_TRUE(server.ok()) << server.status();
  const auto stub =
      inference::GRPCInferenceService::NewStub(OpenChannel((*server)->grpc_address()));
  (*server)->StopReadingLog();
  // Each writes two lines, in total more than a pipe holds.
  bool dropped = false;
  for (int i = 0; i < 2000 && !dropped; ++i) {
    ASSERT_TRUE(LoadModel(*stub, "digits").ok());
    ASSERT_TRUE(UnloadModel(*stub, "digits").ok());
    if (i % 50 == 0) {
      dropped = ReadMetrics((*server)->http_port())["mlp_log_lines_dropped_total"] > 0;
    }
  }
  EXPECT_TRUE(dropped);
  (*server)->Signal(SIGTERM);
  EXPECT_EQ((*server)->WaitForExit(), 0);
}

}  // namespace
}  // namespace mlp
