#include "server/options/parse_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/server/options/parsed.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(ParseOptionsTest, HasDefaultsForAllExceptTheModels) {
  const Parsed parsed = Parse({"--model-repository", "models"});
  ASSERT_TRUE(parsed.options.has_value()) << parsed.err;
  const ServerOptions& options = *parsed.options;
  EXPECT_EQ(options.model_repository, "models");
  EXPECT_EQ(options.model, "");
  EXPECT_EQ(options.grpc_address, "127.0.0.1:8001");
  EXPECT_EQ(options.http_address, "127.0.0.1:8002");
  EXPECT_EQ(options.rest_address, "");
  EXPECT_EQ(options.rpc_threads, 1) << "half of the CPUs, rounded down";
  EXPECT_EQ(options.evaluator_threads, 3);
  EXPECT_EQ(options.instruction_set, BestInstructionSet());
  EXPECT_EQ(options.weights, WeightStorage::kFloat32);
  EXPECT_EQ(options.max_batch_rows, 4096);
  EXPECT_EQ(options.drain_seconds, 8);
  EXPECT_EQ(options.saturation_epsilon, 0.01);
  EXPECT_EQ(options.saturation_window, 10'000);
  EXPECT_EQ(options.log_level, spdlog::level::info);
  EXPECT_EQ(options.log_format, LogFormat::kText);
}

int DefaultConnectionsOf(std::int64_t memory_bytes, std::int64_t descriptors) {
  const char* const argv[] = {"mlp-server", "--model", "m.onnx"};
  const auto options = ParseOptions(3, argv, {1, memory_bytes, descriptors});
  return std::get<ServerOptions>(options).limits.connections;
}

TEST(ParseOptionsTest, DerivesTheConnectionLimitFromMemoryAndDescriptors) {
  constexpr std::int64_t kMebibytes = 1 << 20;
  constexpr std::int64_t kMany = 1 << 20;
  EXPECT_EQ(DefaultConnectionsOf(256 * kMebibytes, kMany), 1365) << "an eighth, at 24 KiB each";
  EXPECT_EQ(DefaultConnectionsOf(256 * kMebibytes, 0), 1365) << "descriptors not known";
  EXPECT_EQ(DefaultConnectionsOf(256 * kMebibytes, 1024), 1024);
  EXPECT_EQ(DefaultConnectionsOf(256 * kMebibytes, 100), 100);
  EXPECT_EQ(DefaultConnectionsOf(kMebibytes, kMany), 256);
  EXPECT_EQ(DefaultConnectionsOf(1'000'000 * kMebibytes, kMany), 100'000);
}

TEST(ParseOptionsTest, AllowsFewerConnectionsWithTlsUnlessANumberIsGiven) {
  const Machine machine = {1, std::int64_t{256} << 20, 1 << 20};
  const auto connections = [&machine](std::vector<const char*> more) {
    std::vector<const char*> argv = {"mlp-server", "--model",   "m.onnx", "--tls-cert",
                                     "c.pem",      "--tls-key", "k.pem"};
    argv.insert(argv.end(), more.begin(), more.end());
    const auto options = ParseOptions(static_cast<int>(argv.size()), argv.data(), machine);
    return std::get<ServerOptions>(options).limits.connections;
  };
  EXPECT_EQ(connections({}), 315) << "an eighth, at 104 KiB each";
  EXPECT_EQ(connections({"--max-connections", "1365"}), 1365);
  EXPECT_EQ(connections({"--max-connections", "0"}), 0);
  const ConfigFile file("max-connections = 400\n");
  const std::string path = file.path();
  EXPECT_EQ(connections({"--config", path.c_str()}), 400);
}

TEST(ParseOptionsTest, AllowsUnlimitedConnectionsIfRequested) {
  const Parsed parsed = Parse({"--model", "m.onnx", "--max-connections", "0"});
  ASSERT_TRUE(parsed.options.has_value()) << parsed.err;
  EXPECT_EQ(parsed.options->limits.connections, 0);
}

TEST(ParseOptionsTest, ReadsHowModelsAreControlled) {
  const ConfigFile file(
      "model-control = explicit\nload-model = [\"a\", \"b\"]\n"
      "allow-rpc-model-files = true\n");
  for (const Parsed& parsed :
       {Parse({"--model-repository", "r", "--model-control", "Explicit", "--load-model", "a",
               "--load-model", "b", "--allow-rpc-model-files"}),
        Parse({"--model-repository", "r"}, {{"MLP_MODEL_CONTROL", "explicit"},
                                            {"MLP_LOAD_MODEL", "a,b"},
                                            {"MLP_ALLOW_RPC_MODEL_FILES", "true"}}),
        Parse({"--model-repository", "r", "--config", file.path()})}) {
    ASSERT_TRUE(parsed.options.has_value()) << parsed.err;
    EXPECT_EQ(parsed.options->model_control, ModelControl::kExplicit);
    EXPECT_EQ(parsed.options->load_models, (std::vector<std::string>{"a", "b"}));
    EXPECT_TRUE(parsed.options->allow_rpc_model_files);
  }
  const Parsed polls = Parse({"--model-repository", "r", "--model-control", "poll"});
  EXPECT_EQ(polls.options->model_control, ModelControl::kPoll);
  EXPECT_FALSE(polls.options->allow_rpc_model_files);
}

TEST(ParseOptionsTest, ASupervisorMustWaitForTheDelayAndTheDrain) {
  const std::vector<std::string> stop = {"--model", "m.onnx",          "--shutdown-delay-ms",
                                         "2500",    "--drain-seconds", "20"};
  const Parsed parsed = Parse(stop);
  ASSERT_TRUE(parsed.options.has_value()) << parsed.err;
  EXPECT_EQ(LongestStopSeconds(*parsed.options), 25) << "3 of delay, 20 of drain, 2 for the end";

  for (const auto& [grace, fits] : {std::pair("24", false), std::pair("25", true)}) {
    std::vector<std::string> with_grace = stop;
    with_grace.insert(with_grace.end(), {"--grace-period-seconds", grace});
    const Parsed checked = Parse(with_grace);
    EXPECT_EQ(checked.options.has_value(), fits) << grace;
    if (fits) continue;
    EXPECT_EQ(checked.exit_code, 2);
    EXPECT_THAT(checked.err, HasSubstr("24 is too short; expected at least 25"));
    EXPECT_THAT(checked.err, HasSubstr("2500 ms of --shutdown-delay-ms"));
  }
}

TEST(ParseOptionsTest, HelpAndVersionGoToStandardOutput) {
  const Parsed help = Parse({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_EQ(help.err, "");
  for (const char* part :
       {"--model-repository", "--saturation-epsilon", "MLP_LOG_LEVEL", "INT:[1 - 1048576]=4096",
        "debug, info, warning or error", "Examples:"}) {
    EXPECT_THAT(help.out, HasSubstr(part));
  }
  for (const InstructionSet set : kEveryInstructionSet) {
    EXPECT_THAT(help.out, HasSubstr(std::string(NameOf(set))));
  }
  const Parsed version = Parse({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_EQ(version.err, "");
  EXPECT_THAT(version.out, StartsWith("mlp-server "));
}

}  // namespace
}  // namespace mlp
