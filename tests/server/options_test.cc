#include "server/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/e2e/temporary_folder.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

using Variables = std::map<std::string, std::string>;

struct Parsed {
  std::optional<ServerOptions> options;
  int exit_code = -1;  // where there are no options
  std::string out;
  std::string err;
};

// Parses with `variables` as all there is of MLP_ in the environment.
Parsed Parse(const std::vector<std::string>& arguments, const Variables& variables = {}) {
  std::vector<const char*> argv = {"mlp-server"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  // NOLINTBEGIN(concurrency-mt-unsafe): there is one thread.
  unsetenv("MLP_EVALUATOR_THREADS");  // which the tsan preset sets
  for (const auto& [name, value] : variables) setenv(name.c_str(), value.c_str(), /*replace=*/1);
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  auto result = ParseOptions(static_cast<int>(argv.size()), argv.data(), {.cpus = 3});
  Parsed parsed;
  parsed.out = ::testing::internal::GetCapturedStdout();
  parsed.err = ::testing::internal::GetCapturedStderr();
  for (const auto& [name, value] : variables) unsetenv(name.c_str());
  // NOLINTEND(concurrency-mt-unsafe)
  if (auto* options = std::get_if<ServerOptions>(&result)) {
    parsed.options = std::move(*options);
  } else {
    parsed.exit_code = std::get<int>(result);
  }
  return parsed;
}

// A file with `lines` for --config.
class ConfigFile {
 public:
  explicit ConfigFile(const std::string& lines) { std::ofstream(path()) << lines; }
  std::string path() const { return (folder_.path() / "server.ini").string(); }

 private:
  TemporaryFolder folder_;
};

TEST(OptionsTest, HasDefaultsForAllButTheModels) {
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
constexpr char kOtherSet[] = "avx512";
#else
constexpr char kFirstSet[] = "Baseline";
constexpr char kOtherSet[] = "neon";
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

int DefaultConnectionsOf(std::int64_t memory_bytes, std::int64_t descriptors) {
  const char* const argv[] = {"mlp-server", "--model", "m.onnx"};
  const auto options = ParseOptions(3, argv, {1, memory_bytes, descriptors});
  return std::get<ServerOptions>(options).limits.connections;
}

TEST(OptionsTest, ConnectionsFollowFromTheMemoryAndTheDescriptors) {
  constexpr std::int64_t kMebibytes = 1 << 20;
  constexpr std::int64_t kMany = 1 << 20;
  EXPECT_EQ(DefaultConnectionsOf(256 * kMebibytes, kMany), 1365) << "an eighth, at 24 KiB each";
  EXPECT_EQ(DefaultConnectionsOf(256 * kMebibytes, 0), 1365) << "descriptors not known";
  EXPECT_EQ(DefaultConnectionsOf(256 * kMebibytes, 1024), 1024);
  EXPECT_EQ(DefaultConnectionsOf(256 * kMebibytes, 100), 100);
  EXPECT_EQ(DefaultConnectionsOf(kMebibytes, kMany), 256);
  EXPECT_EQ(DefaultConnectionsOf(1'000'000 * kMebibytes, kMany), 100'000);
}

TEST(OptionsTest, FewerConnectionsWithTlsUnlessANumberIsGiven) {
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

TEST(OptionsTest, TakesAnyNumberOfConnectionsWhereAsked) {
  const Parsed parsed = Parse({"--model", "m.onnx", "--max-connections", "0"});
  ASSERT_TRUE(parsed.options.has_value()) << parsed.err;
  EXPECT_EQ(parsed.options->limits.connections, 0);
}

TEST(OptionsTest, ReadsHowModelsAreControlled) {
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

TEST(OptionsTest, CommandLineGoesBeforeEnvironmentAndThatBeforeTheFile) {
  const ConfigFile file("model = m.onnx\nrpc-threads = 4\n");
  const std::vector<std::string> from_file = {"--config", file.path()};
  EXPECT_EQ(Parse(from_file).options->rpc_threads, 4);
  EXPECT_EQ(Parse(from_file, {{"MLP_RPC_THREADS", "5"}}).options->rpc_threads, 5);
  EXPECT_EQ(Parse({"--config", file.path(), "--rpc-threads", "6"}, {{"MLP_RPC_THREADS", "5"}})
                .options->rpc_threads,
            6);
}

TEST(OptionsTest, TakesTheFilesNameFromTheEnvironment) {
  const ConfigFile file("model = m.onnx\n");
  const Parsed parsed = Parse({}, {{"MLP_CONFIG", file.path()}});
  ASSERT_TRUE(parsed.options.has_value()) << parsed.err;
  EXPECT_EQ(parsed.options->model, "m.onnx");
}

TEST(OptionsTest, ReadsAnEmptyVariableAsNone) {
  const Parsed parsed =
      Parse({"--model", "m.onnx"}, {{"MLP_RPC_THREADS", ""}, {"MLP_MODEL_REPOSITORY", ""}});
  ASSERT_TRUE(parsed.options.has_value()) << parsed.err;
  EXPECT_EQ(parsed.options->rpc_threads, 1);
}

TEST(OptionsTest, DoesNotReadAVariableThatTheCommandLineOverrides) {
  const Parsed parsed =
      Parse({"--model", "m.onnx", "--rpc-threads", "2"}, {{"MLP_RPC_THREADS", "many"}});
  ASSERT_TRUE(parsed.options.has_value()) << parsed.err;
  EXPECT_EQ(parsed.options->rpc_threads, 2);
}

// The image sets MLP_MODEL_REPOSITORY; `docker run ... --model /one.onnx` has to work all the same.
TEST(OptionsTest, ChoosesTheSourceOfModelsByTheSamePrecedence) {
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

struct BadOptions {
  const char* name;
  std::vector<std::string> arguments;
  Variables variables;
  std::vector<const char*> message_parts;
};

void PrintTo(const BadOptions& bad, std::ostream* out) { *out << bad.name; }

class BadOptionsTest : public ::testing::TestWithParam<BadOptions> {};

TEST_P(BadOptionsTest, EndInOneLineThatNamesWhatIsWrong) {
  const Parsed parsed = Parse(GetParam().arguments, GetParam().variables);
  EXPECT_FALSE(parsed.options.has_value());
  EXPECT_EQ(parsed.exit_code, 2);
  EXPECT_EQ(parsed.out, "");
  EXPECT_THAT(parsed.err, StartsWith("mlp-server: "));
  EXPECT_EQ(std::count(parsed.err.begin(), parsed.err.end(), '\n'), 1) << parsed.err;
  for (const char* part : GetParam().message_parts) EXPECT_THAT(parsed.err, HasSubstr(part));
}

INSTANTIATE_TEST_SUITE_P(
    CommandLine, BadOptionsTest,
    ::testing::Values(BadOptions{"NoModels", {}, {}, {"--model-repository", "--model"}},
                      BadOptions{"RepositoryAndModel",
                                 {"--model-repository", "r", "--model", "m.onnx"},
                                 {},
                                 {"--model-repository", "--model"}},
                      BadOptions{"RepositoryAndModelInTheEnvironment",
                                 {},
                                 {{"MLP_MODEL_REPOSITORY", "r"}, {"MLP_MODEL", "m.onnx"}},
                                 {"--model-repository", "--model"}},
                      BadOptions{"UnknownModelControl",
                                 {"--model-repository", "r", "--model-control", "push"},
                                 {},
                                 {"'push' is unknown; expected one of none, poll, explicit"}},
                      BadOptions{"OneModelThatIsPolled",
                                 {"--model", "m.onnx", "--model-control", "poll"},
                                 {},
                                 {"--model-control", "a model of --model does not change"}},
                      BadOptions{"ModelToLoadWithoutControl",
                                 {"--model-repository", "r", "--load-model", "m"},
                                 {},
                                 {"--load-model: expected --model-control explicit"}},
                      BadOptions{"ModelFilesWithoutControl",
                                 {"--model-repository", "r", "--allow-rpc-model-files"},
                                 {},
                                 {"--allow-rpc-model-files: expected --model-control explicit"}},
                      BadOptions{"UnknownFlag", {"--model", "m.onnx", "--gpu"}, {}, {"--gpu"}},
                      BadOptions{"StrayWord", {"--model", "m.onnx", "stray"}, {}, {"stray"}},
                      BadOptions{"FlagWithoutValue", {"--model"}, {}, {"--model"}},
                      BadOptions{"FlagTwice",
                                 {"--model", "m.onnx", "--rpc-threads", "1", "--rpc-threads", "2"},
                                 {},
                                 {"--rpc-threads"}},
                      BadOptions{"LineBreakInAValue",
                                 {"--model", "m.onnx", "--rpc-threads", "1\nforged"},
                                 {},
                                 {"--rpc-threads", "1 forged"}}),
    [](const auto& param) { return std::string(param.param.name); });

// Each of these values, given to its option.
struct BadValue {
  const char* flag;
  const char* value;
  const char* expected;
};

void PrintTo(const BadValue& bad, std::ostream* out) { *out << bad.flag << " " << bad.value; }

class BadValueTest : public ::testing::TestWithParam<BadValue> {};

TEST_P(BadValueTest, IsNamedWithItsOptionAndWhatWasExpected) {
  const auto [flag, value, expected] = GetParam();
  const Parsed parsed = Parse({"--model", "m.onnx", flag, value});
  EXPECT_EQ(parsed.exit_code, 2);
  EXPECT_THAT(parsed.err, HasSubstr(flag));
  EXPECT_THAT(parsed.err, HasSubstr(std::string("'") + value + "'"));
  EXPECT_THAT(parsed.err, HasSubstr(expected));
}

INSTANTIATE_TEST_SUITE_P(
    Numbers, BadValueTest,
    ::testing::Values(BadValue{"--rpc-threads", "many", "from 1 to 1024"},
                      BadValue{"--rpc-threads", "0", "from 1 to 1024"},
                      BadValue{"--rpc-threads", "1025", "from 1 to 1024"},
                      BadValue{"--rpc-threads", "2.5", "whole number"},
                      BadValue{"--rpc-threads", "0x2", "whole number"},
                      BadValue{"--evaluator-threads", "-1", "from 1 to 1024"},
                      BadValue{"--max-batch-rows", "1048577", "from 1 to 1048576"},
                      BadValue{"--max-batch-rows", "99999999999999999999", "from 1 to 1048576"},
                      BadValue{"--max-message-bytes", "1", "0, or a whole number from 1024 to"},
                      BadValue{"--max-grpc-memory-bytes", "64",
                               "0, or a whole number from 1048576"},
                      BadValue{"--drain-seconds", "3601", "from 0 to 3600"},
                      BadValue{"--saturation-window", "199", "from 200 to 1000000000"},
                      BadValue{"--self-baseline", "299", "0, or a whole number from 300"}));

INSTANTIATE_TEST_SUITE_P(
    Epsilons, BadValueTest,
    ::testing::Values(BadValue{"--saturation-epsilon", "0", "between 0 and 1"},
                      BadValue{"--saturation-epsilon", "1", "between 0 and 1"},
                      BadValue{"--saturation-epsilon", "nan", "between 0 and 1"},
                      BadValue{"--saturation-epsilon", "small", "between 0 and 1"}));

INSTANTIATE_TEST_SUITE_P(
    Names, BadValueTest,
    ::testing::Values(BadValue{"--log-level", "loud", "debug, info, warning, error"},
                      BadValue{"--log-level", "99", "debug, info, warning, error"},
                      BadValue{"--isa", "avx1024", "expected one of baseline, neon, "},
                      BadValue{"--isa", "0", "expected one of baseline, neon, "},
                      BadValue{"--isa", kOtherSet, "this CPU does not have"},
                      BadValue{"--weights", "int4", "expected float32, bfloat16 or int8"},
                      BadValue{"--weights", "1", "expected float32, bfloat16 or int8"},
                      BadValue{"--log-format", "xml", "text, json"},
                      BadValue{"--log-format", "7", "text, json"}));

INSTANTIATE_TEST_SUITE_P(Addresses, BadValueTest,
                         ::testing::Values(BadValue{"--grpc-address", "nowhere", "host:port"},
                                           BadValue{"--grpc-address", ":8001", "host:port"},
                                           BadValue{"--grpc-address", "0.0.0.0:", "host:port"},
                                           BadValue{"--grpc-address", "0.0.0.0:65536", "host:port"},
                                           BadValue{"--grpc-address", "0.0.0.0:-1", "host:port"},
                                           BadValue{"--grpc-address", "0.0.0.0:+1", "host:port"},
                                           BadValue{"--grpc-address", "0.0.0.0: 1", "host:port"},
                                           BadValue{"--grpc-address", "::1:8001", "host:port"},
                                           BadValue{"--rest-address", "8000", "host:port"},
                                           BadValue{"--http-address", "localhost:http",
                                                    "host:port"}));

TEST(OptionsTest, NamesTheVariableThatHoldsABadValue) {
  const Parsed parsed = Parse({"--model", "m.onnx"}, {{"MLP_RPC_THREADS", "many"}});
  EXPECT_EQ(parsed.exit_code, 2);
  EXPECT_THAT(parsed.err, HasSubstr("'many'"));
  EXPECT_THAT(parsed.err, HasSubstr("MLP_RPC_THREADS"));
}

TEST(OptionsTest, RefusesAVariableThatIsNoOptions) {
  const Parsed parsed = Parse({"--model", "m.onnx"}, {{"MLP_RPC_THREAD", "1"}});
  EXPECT_EQ(parsed.exit_code, 2);
  EXPECT_THAT(parsed.err, HasSubstr("MLP_RPC_THREAD: no option has this variable"));
  EXPECT_THAT(parsed.err, HasSubstr("such as MLP_RPC_THREADS"));
}

TEST(OptionsTest, ASupervisorMustWaitForTheDelayAndTheDrain) {
  const std::vector<std::string> stop = {"--model", "m.onnx",          "--shutdown-delay-ms",
                                         "2500",    "--drain-seconds", "20"};
  const Parsed parsed = Parse(stop);
  ASSERT_TRUE(parsed.options.has_value()) << parsed.err;
  EXPECT_EQ(LongestStopSeconds(*parsed.options), 25) << "3 of delay, 20 of drain, 2 for the end";

  for (const auto& [grace, fits] : {std::pair("24", false), std::pair("25", true)}) {
    std::vector<std::string> with_grace = stop;
    with_grace.insert(with_grace.end(), {"--grace-period-seconds", grace});
    const Parsed told = Parse(with_grace);
    EXPECT_EQ(told.options.has_value(), fits) << grace;
    if (fits) continue;
    EXPECT_EQ(told.exit_code, 2);
    EXPECT_THAT(told.err, HasSubstr("24 is too short; expected at least 25"));
    EXPECT_THAT(told.err, HasSubstr("2500 ms of --shutdown-delay-ms"));
  }
}

struct BadFile {
  const char* name;
  const char* lines;
  const char* message_part;
};

void PrintTo(const BadFile& bad, std::ostream* out) { *out << bad.name; }

class BadFileTest : public ::testing::TestWithParam<BadFile> {};

TEST_P(BadFileTest, EndsInOneLine) {
  const ConfigFile file(GetParam().lines);
  const Parsed parsed = Parse({"--model", "m.onnx", "--config", file.path()});
  EXPECT_EQ(parsed.exit_code, 2);
  EXPECT_EQ(std::count(parsed.err.begin(), parsed.err.end(), '\n'), 1) << parsed.err;
  EXPECT_THAT(parsed.err, HasSubstr(GetParam().message_part));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadFileTest,
    ::testing::Values(BadFile{"UnknownName", "gpus = 1\n", "'gpus' is unknown"},
                      BadFile{"BadNumber", "rpc-threads = 0\n", "from 1 to 1024"},
                      BadFile{"Section", "[server]\nrpc-threads = 1\n", "'server' is unknown"}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(OptionsTest, NamesAFileThatIsNotThere) {
  for (const Parsed& parsed : {Parse({"--model", "m.onnx", "--config", "no-such.ini"}),
                               Parse({"--model", "m.onnx"}, {{"MLP_CONFIG", "no-such.ini"}})}) {
    EXPECT_EQ(parsed.exit_code, 2);
    EXPECT_THAT(parsed.err, HasSubstr("no-such.ini"));
  }
}

TEST(OptionsTest, HelpAndVersionGoToStandardOutput) {
  const Parsed help = Parse({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_EQ(help.err, "");
  for (const char* part : {"--model-repository", "--saturation-epsilon", "MLP_LOG_LEVEL",
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

TEST(OptionsTest, RefusesSecurityWithoutAPath) {
  for (const char* flag : {"--tls-cert", "--tls-key", "--tls-client-ca", "--tls-crl",
                           "--tokens-file", "--admin-address"}) {
    for (const std::vector<std::string>& given :
         {std::vector<std::string>{flag, ""}, {absl::StrCat(flag, "=")}}) {
      std::vector<std::string> arguments = {"--model-repository", "models"};
      arguments.insert(arguments.end(), given.begin(), given.end());
      const Parsed parsed = Parse(arguments);
      EXPECT_FALSE(parsed.options.has_value()) << flag;
      EXPECT_THAT(parsed.err, HasSubstr(flag));
    }
  }
  // As for all options: a variable without a value is none.
  EXPECT_TRUE(Parse({"--model-repository", "models"}, {{"MLP_TOKENS_FILE", ""}}).options);
}

}  // namespace
}  // namespace mlp
