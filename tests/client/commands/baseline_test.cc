#include "client/commands/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "client/rows_reader.h"
#include "tests/client/fake_server.h"
#include "tests/client/run_command.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

class BaselineCommandTest : public ::testing::Test {
 protected:
  BaselineCommandTest() {
    server_.baseline = [this](const auto& request, auto& response) -> grpc::Status {
      asked_ = request.model_name() + "/" + request.model_version();
      if (request.model_name() == "bare") {
        return {grpc::StatusCode::FAILED_PRECONDITION, "model 'bare' has no baseline"};
      }
      Fill(response, /*windows=*/0);
      return grpc::Status::OK;
    };
    server_.accept_windows = [this](const auto& request, auto& response) -> grpc::Status {
      asked_ = "accept " + request.model_name() + "/" + request.model_version();
      Fill(response, /*windows=*/120);
      return grpc::Status::OK;
    };
  }

  template <typename Response>
  static void Fill(Response& response, int windows) {
    response.set_baseline("the file");
    auto& summary = *response.mutable_summary();
    summary.set_model_name("m\x1b");
    summary.set_model_version("3");
    summary.set_source("live_traffic");
    summary.set_created(1'764'424'800);
    summary.set_rows(12'345);
    summary.set_windows(windows);
    auto& target = *summary.add_targets();
    target.set_layer("inputs");
    target.set_components(128);
    target.set_level(201.25);
    target.set_accepted(windows > 0);
    auto& hidden = *summary.add_targets();
    hidden.set_layer("hidden_1");
    hidden.set_components(40);
    hidden.set_level(77);
    auto& layer = *summary.add_layers();
    layer.set_layer("hidden_1");
    layer.set_lower_share(0.031);
    layer.set_upper_share(0.5);
    layer.set_dead_units(2);
    layer.set_mean(-0.125);
    layer.set_gradient_gain(0.14);
  }

  CommandOutcome Run(std::vector<std::string> words) {
    words.insert(words.end(), {"--address", server_.address()});
    return RunCommand(words);
  }

  std::string asked_;
  FakeServer server_;
};

TEST_F(BaselineCommandTest, ShowsWhatIsJudgedAndTheReferences) {
  const CommandOutcome outcome = Run({"baseline", "m", "--version", "3"});
  EXPECT_EQ(outcome.exit_code, kExitDone) << outcome.err;
  EXPECT_EQ(asked_, "m/3");
  EXPECT_EQ(outcome.out,
            "model     m\\x1b version 3\n"
            "source    live traffic, 2025-11-29 14:00 UTC\n"
            "rows      12,345\n"
            "\n"
            "layer     components  level  lower tail  upper tail  dead units    mean  gain\n"
            "inputs           128  201.2           -           -           -       -     -\n"
            "hidden_1          40     77       3.1 %        50 %           2  -0.125  0.14\n");
}

TEST_F(BaselineCommandTest, WritesTheFile) {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "m.safetensors").string();
  EXPECT_EQ(Run({"baseline", "m", "--output", file}).exit_code, kExitDone);
  EXPECT_EQ(ReadFile(file).value(), "the file");
  EXPECT_THAT(Run({"baseline", "m", "--output", file}).out,
              HasSubstr("\n\nwritten to " + file + "\n"));
}

TEST_F(BaselineCommandTest, ChecksFirstWhetherItCanWrite) {
  for (const char* command : {"baseline", "accept-windows"}) {
    const CommandOutcome refused = Run({command, "m", "--output", "/no/such/folder/file"});
    EXPECT_EQ(refused.exit_code, kExitError);
    EXPECT_EQ(refused.err,
              "mlp-client: NOT_FOUND: '/no/such/folder/file' cannot be written: No "
              "such file or directory\n");
    EXPECT_EQ(asked_, "") << command;  // nothing has changed on the server
  }
}

TEST_F(BaselineCommandTest, PrintsTheBaselineInForceEvenIfItCannotBeWritten) {
  const CommandOutcome outcome = Run({"accept-windows", "m", "--output", "/dev/full"});
  EXPECT_EQ(outcome.exit_code, kExitError);
  EXPECT_THAT(outcome.out, HasSubstr("windows   120 accepted\n"));
  EXPECT_EQ(
      outcome.err,
      "mlp-client: RESOURCE_EXHAUSTED: '/dev/full' cannot be written: No space left on "
      "device; the server uses the new baseline nevertheless; fetch it with mlp-client baseline "
      "--output\n");
  EXPECT_EQ(Run({"baseline", "m", "--output", "/dev/full"}).err,
            "mlp-client: RESOURCE_EXHAUSTED: '/dev/full' cannot be written: No space left on "
            "device\n");
}

TEST_F(BaselineCommandTest, AcceptsWindowsAndSaysHowMany) {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "m.safetensors").string();
  const CommandOutcome outcome = Run({"accept-windows", "m", "--output", file});
  EXPECT_EQ(outcome.exit_code, kExitDone) << outcome.err;
  EXPECT_EQ(asked_, "accept m/");
  EXPECT_THAT(outcome.out, HasSubstr("windows   120 accepted\n"));
  EXPECT_THAT(outcome.out, HasSubstr("201.2 (accepted)"));
  EXPECT_EQ(ReadFile(file).value(), "the file");
}

TEST_F(BaselineCommandTest, PrintsTheServersError) {
  const CommandOutcome outcome = Run({"baseline", "bare"});
  EXPECT_EQ(outcome.exit_code, kExitError);
  EXPECT_EQ(outcome.err, "mlp-client: FAILED_PRECONDITION: model 'bare' has no baseline\n");
}

}  // namespace
}  // namespace mlp
