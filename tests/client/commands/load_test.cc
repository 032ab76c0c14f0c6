#include "client/commands/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/client/fake_server.h"
#include "tests/client/run_command.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

class LoadTest : public ::testing::Test {
 protected:
  LoadTest() {
    server_.load = [this](const auto& request, auto& /*response*/) -> grpc::Status {
      asked_ = "load " + request.model_name();
      if (request.model_name() == "gone") return {grpc::StatusCode::NOT_FOUND, "not there"};
      return grpc::Status::OK;
    };
    server_.unload = [this](const auto& request, auto& /*response*/) -> grpc::Status {
      asked_ = "unload " + request.model_name();
      return grpc::Status::OK;
    };
  }

  std::string asked_;
  FakeServer server_;
};

TEST_F(LoadTest, LoadsAndUnloadsAndReportsSuccess) {
  const CommandOutcome loaded = RunCommand({"load", "m", "--address", server_.address()});
  EXPECT_EQ(loaded.exit_code, kExitDone) << loaded.err;
  EXPECT_EQ(loaded.out, "loaded m\n");
  EXPECT_EQ(asked_, "load m");
  const CommandOutcome unloaded = RunCommand({"unload", "m", "--address", server_.address()});
  EXPECT_EQ(unloaded.exit_code, kExitDone) << unloaded.err;
  EXPECT_EQ(unloaded.out, "unloaded m\n");
  EXPECT_EQ(asked_, "unload m");
}

TEST_F(LoadTest, PrintsTheServersError) {
  const CommandOutcome outcome = RunCommand({"load", "gone", "--address", server_.address()});
  EXPECT_EQ(outcome.exit_code, kExitError);
  EXPECT_EQ(outcome.err, "mlp-client: NOT_FOUND: not there\n");
}

TEST_F(LoadTest, RequiresAModel) {
  for (const char* command : {"load", "unload"}) {
    const CommandOutcome outcome = RunCommand({command, "--address", server_.address()});
    EXPECT_EQ(outcome.exit_code, kExitError);
    EXPECT_THAT(outcome.err, HasSubstr("MODEL"));
  }
}

}  // namespace
}  // namespace mlp
