#include "client/commands/health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>

#include "tests/client/fake_server.h"
#include "tests/client/run_command.h"

namespace mlp {
namespace {

using ::grpc::health::v1::HealthCheckResponse;
using ::testing::StartsWith;

TEST(HealthTest, ExitsWithTheState) {
  FakeServer server;
  server.health = [](const auto& request, auto& response) -> grpc::Status {
    if (request.service() == "gone") return {grpc::StatusCode::NOT_FOUND, "unknown service"};
    response.set_status(request.service().empty() ? HealthCheckResponse::SERVING
                                                  : HealthCheckResponse::NOT_SERVING);
    return grpc::Status::OK;
  };
  const CommandOutcome serving = RunCommand({"health", "--address", server.address()});
  EXPECT_EQ(serving.exit_code, kExitDone);
  EXPECT_EQ(serving.out, "serving\n");
  const CommandOutcome not_serving = RunCommand({"health", "m", "--address", server.address()});
  EXPECT_EQ(not_serving.exit_code, kExitNotServing);
  EXPECT_EQ(not_serving.out, "not serving\n");
  const CommandOutcome unknown = RunCommand({"health", "gone", "--address", server.address()});
  EXPECT_EQ(unknown.exit_code, kExitError);
  EXPECT_EQ(unknown.err, "mlp-client: NOT_FOUND: unknown service\n");
}

TEST(HealthTest, WaitsUntilItIsServing) {
  FakeServer server;
  std::atomic<int> asked = 0;
  server.health = [&](const auto& /*request*/, auto& response) -> grpc::Status {
    switch (++asked) {
      case 1:
        return {grpc::StatusCode::UNAVAILABLE, "starting"};
      case 2:
        return {grpc::StatusCode::NOT_FOUND, "not loaded yet"};
      default:
        response.set_status(asked == 3 ? HealthCheckResponse::NOT_SERVING
                                       : HealthCheckResponse::SERVING);
        return grpc::Status::OK;
    }
  };
  const CommandOutcome outcome =
      RunCommand({"health", "--wait", "30", "--address", server.address()});
  EXPECT_EQ(outcome.exit_code, kExitDone) << outcome.err;
  EXPECT_EQ(outcome.out, "serving\n");
  EXPECT_EQ(asked, 4);
}

TEST(HealthTest, EndsWhenTheTimeIsOver) {
  const auto begin = std::chrono::steady_clock::now();
  const CommandOutcome outcome =
      RunCommand({"health", "--wait", "0.5", "--address", "127.0.0.1:1"});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_EQ(outcome.exit_code, kExitError);
  EXPECT_THAT(outcome.err, StartsWith("mlp-client: UNAVAILABLE: "));
}

TEST(HealthTest, DoesNotWaitForAServerWithoutTheCall) {
  FakeServer server;
  EXPECT_THAT(RunCommand({"health", "--wait", "600", "--address", server.address()}).err,
              StartsWith("mlp-client: UNIMPLEMENTED: "));
}

}  // namespace
}  // namespace mlp
