// The calls of mlpserve.v1.Insight, as mlp-client makes them to a real server.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/rows_reader.h"
#include "model/drift/baseline_file.h"
#include "model/drift/network_digest.h"
#include "model/formats/model_file.h"
#include "tests/client/run_command.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kPixels[] = MLP_SOURCE_DIR "/deploy/models/held_out/pixels.npy";
constexpr char kWatchedModel[] = "digits-sigmoid";

class InsightEndToEndTest : public ::testing::Test {
 protected:
  void Start(const std::vector<std::string>& arguments) {
    auto server = ServerProcess::StartOnSampleModels(arguments);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  CommandOutcome Run(std::vector<std::string> words) const {
    words.insert(words.end(), {"--address", server_->grpc_address(), "--timeout", "120"});
    return RunCommand(words);
  }

  std::string File(const std::string& name) const { return (folder_.path() / name).string(); }

  static Baseline ReadOf(const std::string& file) {
    const absl::StatusOr<ReadNetwork> model = ReadModelFile(SampleModels() / kWatchedModel / "1");
    const absl::StatusOr<std::string> bytes = ReadFile(file);
    EXPECT_TRUE(bytes.ok()) << bytes.status();
    const absl::StatusOr<Baseline> baseline =
        ReadBaseline(*bytes, model->network, NetworkDigest(model->network));
    EXPECT_TRUE(baseline.ok()) << baseline.status();
    return baseline.ok() ? *baseline : Baseline();
  }

  TemporaryFolder folder_;
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(InsightEndToEndTest, ServerAndClientMakeTheSameBaseline) {
  Start({"--model-control", "explicit", "--load-model", "*"});
  const CommandOutcome none = Run({"baseline", kWatchedModel});
  EXPECT_EQ(none.exit_code, kExitError);
  EXPECT_THAT(none.err, StartsWith("mlp-client: FAILED_PRECONDITION: "));

  const CommandOutcome made = Run(
      {"calibrate", kWatchedModel, "--input", kPixels, "--output", File("server"), "--install"});
  ASSERT_EQ(made.exit_code, kExitDone) << made.err;
  EXPECT_THAT(made.out, HasSubstr("model     digits-sigmoid version 1\n"));
  EXPECT_THAT(made.out, HasSubstr("rows      360\n"));
  EXPECT_THAT(made.err, HasSubstr("warning: "));
  ASSERT_EQ(Run({"calibrate", (SampleModels() / kWatchedModel / "1").string(), "--input", kPixels,
                 "--output", File("client")})
                .exit_code,
            kExitDone);
  const Baseline by_server = ReadOf(File("server"));
  const Baseline by_client = ReadOf(File("client"));
  ASSERT_EQ(by_server.targets.size(), by_client.targets.size());
  for (std::size_t i = 0; i < by_server.targets.size(); ++i) {
    EXPECT_EQ(by_server.targets[i].name, by_client.targets[i].name);
    EXPECT_NEAR(by_server.targets[i].level / by_client.targets[i].level, 1.0, 1e-6);
  }
  ASSERT_EQ(by_server.layers.size(), by_client.layers.size());
  for (std::size_t i = 0; i < by_server.layers.size(); ++i) {
    EXPECT_NEAR(by_server.layers[i].mean, by_client.layers[i].mean, 1e-6);
  }

  // The baseline is in force.
  const CommandOutcome fetched = Run({"baseline", kWatchedModel, "--output", File("fetched")});
  EXPECT_EQ(fetched.exit_code, kExitDone) << fetched.err;
  const auto summary = [](const CommandOutcome& outcome) {
    return outcome.out.substr(0, outcome.out.find("written to "));
  };
  EXPECT_EQ(summary(fetched), summary(made));
  EXPECT_THAT(fetched.out, HasSubstr(absl::StrCat("written to ", File("fetched"), "\n")));
  EXPECT_EQ(ReadFile(File("fetched")).value(), ReadFile(File("server")).value());

  const CommandOutcome accepted = Run({"accept-windows", kWatchedModel});
  EXPECT_EQ(accepted.exit_code, kExitError);
  EXPECT_THAT(accepted.err, StartsWith("mlp-client: FAILED_PRECONDITION: "));
}

TEST_F(InsightEndToEndTest, OnlyTheAdministratorChangesBaselines) {
  Start({});
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"calibrate", kWatchedModel, "--input", kPixels, "--install"},
        {"accept-windows", kWatchedModel}}) {
    const CommandOutcome outcome = Run(words);
    EXPECT_EQ(outcome.exit_code, kExitError);
    EXPECT_THAT(outcome.err, StartsWith("mlp-client: PERMISSION_DENIED: "));
  }
}

TEST_F(InsightEndToEndTest, WatchShowsAServerAndItsModels) {
  Start({});
  const CommandOutcome all = Run({"watch", "--once"});
  EXPECT_EQ(all.exit_code, kExitDone) << all.err;
  // A slow machine may need a minute.
  EXPECT_THAT(all.out, ContainsRegex("  ready  up [0-9]+ min  7 versions"));
  EXPECT_THAT(all.out, HasSubstr("\ndigits-sigmoid"));
  // Its layers appear with its first request.
  EXPECT_EQ(Run({"infer", kWatchedModel, "--input", kPixels, "--output-format", "none"}).exit_code,
            kExitDone);
  CommandOutcome one;
  EXPECT_TRUE(Eventually([&] {
    one = Run({"watch", kWatchedModel, "--once"});
    return one.out.find("\nhidden_1 ") != std::string::npos;
  })) << one.out;
  EXPECT_EQ(one.exit_code, kExitDone) << one.err;
  EXPECT_THAT(one.out, HasSubstr("digits-sigmoid version 1, the default  READY"));
  const CommandOutcome none = Run({"watch", "none", "--once"});
  EXPECT_EQ(none.exit_code, kExitError);
  EXPECT_THAT(none.err, StartsWith("mlp-client: NOT_FOUND: model 'none' is unknown"));
}

}  // namespace
}  // namespace mlp
