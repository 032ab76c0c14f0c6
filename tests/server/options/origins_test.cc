// Where options come from: the command line, the environment and the file.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "tests/server/options/parsed.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

struct OptionCase {
  const char* name;  // as on the command line, without the dashes
  const char* variable;
  const char* text;
  bool (*taken)(const ServerOptions&);
};

void PrintTo(const OptionCase& option, std::ostream* out) {
  *out << option.name << " = " << option.text;
}

class EachOptionTest : public ::testing::TestWithParam<OptionCase> {
 protected:
  // Some model beside the option, unless the option is the model.
  static std::vector<std::string> WithModel(std::vector<std::string> arguments) {
    if (!absl::StartsWith(GetParam().name, "model")) {
      arguments.insert(arguments.end(), {"--model", "m.onnx"});
    }
    return arguments;
  }
};

TEST_P(EachOptionTest, IsReadFromTheCommandLine) {
  const std::string flag = std::string("--") + GetParam().name;
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{flag, GetParam().text},
        std::vector<std::string>{flag + "=" + GetParam().text}}) {
    const Parsed parsed = Parse(WithModel(arguments));
    ASSERT_TRUE(parsed.options.has_value()) << parsed.err;
    EXPECT_TRUE(GetParam().taken(*parsed.options));
  }
}

TEST_P(EachOptionTest, IsReadFromTheEnvironment) {
  const Parsed parsed = Parse(WithModel({}), {{GetParam().variable, GetParam().text}});
  ASSERT_TRUE(parsed.options.has_value()) << parsed.err;
  EXPECT_TRUE(GetParam().taken(*parsed.options));
}

TEST_P(EachOptionTest, IsReadFromTheFile) {
  // In quotes, as an address of IPv6 would be a list without them.
  const ConfigFile file(std::string(GetParam().name) + " = \"" + GetParam().text + "\"\n");
  const Parsed parsed = Parse(WithModel({"--config", file.path()}));
  ASSERT_TRUE(parsed.options.has_value()) << parsed.err;
  EXPECT_TRUE(GetParam().taken(*parsed.options));
}

// What every CPU of the architecture has; not the default where there is more.
#if defined(__aarch64__)
constexpr char kFirstSet[] = "Neon";
#else
constexpr char kFirstSet[] = "Baseline";
#endif

INSTANTIATE_TEST_SUITE_P(
    All, EachOptionTest,
    ::testing::Values(
        OptionCase{"model-repository", "MLP_MODEL_REPOSITORY", "/models",
                   [](const ServerOptions& o) { return o.model_repository == "/models"; }},
        OptionCase{"model", "MLP_MODEL", "digits.onnx",
                   [](const ServerOptions& o) { return o.model == "digits.onnx"; }},
        OptionCase{"grpc-address", "MLP_GRPC_ADDRESS", "[::1]:9001",
                   [](const ServerOptions& o) { return o.grpc_address == "[::1]:9001"; }},
        OptionCase{"http-address", "MLP_HTTP_ADDRESS", "127.0.0.1:0",
                   [](const ServerOptions& o) { return o.http_address == "127.0.0.1:0"; }},
        OptionCase{"rest-address", "MLP_REST_ADDRESS", "[::]:8000",
                   [](const ServerOptions& o) { return o.rest_address == "[::]:8000"; }},
        OptionCase{"rpc-threads", "MLP_RPC_THREADS", "7",
                   [](const ServerOptions& o) { return o.rpc_threads == 7; }},
        OptionCase{"evaluator-threads", "MLP_EVALUATOR_THREADS", "1024",
                   [](const ServerOptions& o) { return o.evaluator_threads == 1024; }},
        OptionCase{"isa", "MLP_ISA", kFirstSet,
                   [](const ServerOptions& o) {
                     return o.instruction_set == SupportedInstructionSets().front();
                   }},
        OptionCase{"weights", "MLP_WEIGHTS", "Int8",
                   [](const ServerOptions& o) { return o.weights == WeightStorage::kInt8; }},
        OptionCase{"max-batch-rows", "MLP_MAX_BATCH_ROWS", "010",
                   [](const ServerOptions& o) { return o.max_batch_rows == 10; }},
        OptionCase{"poll-seconds", "MLP_POLL_SECONDS", "86400",
                   [](const ServerOptions& o) { return o.poll_seconds == 86'400; }},
        OptionCase{"drain-seconds", "MLP_DRAIN_SECONDS", "0",
                   [](const ServerOptions& o) { return o.drain_seconds == 0; }},
        OptionCase{"grace-period-seconds", "MLP_GRACE_PERIOD_SECONDS", "10",
                   [](const ServerOptions& o) { return o.grace_period_seconds == 10; }},
        OptionCase{"saturation-epsilon", "MLP_SATURATION_EPSILON", "0.05",
                   [](const ServerOptions& o) { return o.saturation_epsilon == 0.05; }},
        OptionCase{"saturation-window", "MLP_SATURATION_WINDOW", "200",
                   [](const ServerOptions& o) { return o.saturation_window == 200; }},
        OptionCase{"self-baseline", "MLP_SELF_BASELINE", "2000",
                   [](const ServerOptions& o) { return o.self_baseline_rows == 2000; }},
        OptionCase{"log-level", "MLP_LOG_LEVEL", "Warning",
                   [](const ServerOptions& o) { return o.log_level == spdlog::level::warn; }},
        OptionCase{"log-format", "MLP_LOG_FORMAT", "json",
                   [](const ServerOptions& o) { return o.log_format == LogFormat::kJson; }}),
    [](const auto& param) {
      std::string name = param.param.name;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

TEST(OriginsTest, CommandLineOverridesEnvironmentAndEnvironmentOverridesTheFile) {
  const ConfigFile file("model = m.onnx\nrpc-threads = 4\n");
  const std::vector<std::string> from_file = {"--config", file.path()};
  EXPECT_EQ(Parse(from_file).options->rpc_threads, 4);
  EXPECT_EQ(Parse(from_file, {{"MLP_RPC_THREADS", "5"}}).options->rpc_threads, 5);
  EXPECT_EQ(Parse({"--config", file.path(), "--rpc-threads", "6"}, {{"MLP_RPC_THREADS", "5"}})
                .options->rpc_threads,
            6);
}

TEST(OriginsTest, FlagsFollowTheSameOrder) {
  const ConfigFile file("model = m.onnx\nexternal-data-hard-links = true\n");
  const std::vector<std::string> from_file = {"--config", file.path()};
  const auto flag = [](const Parsed& parsed) { return parsed.options->external_data_hard_links; };
  const char variable[] = "MLP_EXTERNAL_DATA_HARD_LINKS";
  EXPECT_TRUE(flag(Parse(from_file)));
  EXPECT_FALSE(flag(Parse(from_file, {{variable, "false"}})));
  EXPECT_TRUE(
      flag(Parse({"--config", file.path(), "--external-data-hard-links"}, {{variable, "false"}})));
  EXPECT_FALSE(flag(
      Parse({"--config", file.path(), "--external-data-hard-links=false"}, {{variable, "true"}})));
}

TEST(OriginsTest, DoesNotReadALineOfTheFileThatIsOverridden) {
  const ConfigFile file("model = m.onnx\nrpc-threads = many\n");
  EXPECT_EQ(Parse({"--config", file.path()}, {{"MLP_RPC_THREADS", "5"}}).options->rpc_threads, 5);
}

TEST(OriginsTest, ReadsTheFilesNameFromTheEnvironment) {
  const ConfigFile file("model = m.onnx\n");
  const Parsed parsed = Parse({}, {{"MLP_CONFIG", file.path()}});
  ASSERT_TRUE(parsed.options.has_value()) << parsed.err;
  EXPECT_EQ(parsed.options->model, "m.onnx");
}

TEST(OriginsTest, ReadsAnEmptyVariableAsNone) {
  const Parsed parsed =
      Parse({"--model", "m.onnx"}, {{"MLP_RPC_THREADS", ""}, {"MLP_MODEL_REPOSITORY", ""}});
  ASSERT_TRUE(parsed.options.has_value()) << parsed.err;
  EXPECT_EQ(parsed.options->rpc_threads, 1);
}

TEST(OriginsTest, DoesNotReadAVariableThatTheCommandLineOverrides) {
  const Parsed parsed =
      Parse({"--model", "m.onnx", "--rpc-threads", "2"}, {{"MLP_RPC_THREADS", "many"}});
  ASSERT_TRUE(parsed.options.has_value()) << parsed.err;
  EXPECT_EQ(parsed.options->rpc_threads, 2);
}

// The image sets MLP_MODEL_REPOSITORY; `docker run ... --model /one.onnx` has to work all the same.
TEST(OriginsTest, ChoosesTheSourceOfModelsByTheSamePrecedence) {
  const ConfigFile file("model-repository = from-file\n");
  struct SourceCase {
    std::vector<std::string> arguments;
    Variables variables;
    const char* repository;
    const char* model;
  };
  for (const SourceCase& source : {
           SourceCase{{"--model", "m.onnx"}, {{"MLP_MODEL_REPOSITORY", "r"}}, "", "m.onnx"},
           SourceCase{{"--model-repository", "r"}, {{"MLP_MODEL", "m.onnx"}}, "r", ""},
           SourceCase{{"--config", file.path()}, {{"MLP_MODEL", "m.onnx"}}, "", "m.onnx"},
           SourceCase{{"--config", file.path(), "--model", "m.onnx"}, {}, "", "m.onnx"},
           SourceCase{{"--config", file.path()}, {}, "from-file", ""},
       }) {
    const Parsed parsed = Parse(source.arguments, source.variables);
    ASSERT_TRUE(parsed.options.has_value()) << parsed.err;
    EXPECT_EQ(parsed.options->model_repository, source.repository);
    EXPECT_EQ(parsed.options->model, source.model);
  }
}

}  // namespace
}  // namespace mlp
