// Command lines, environments and files that are refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/server/options/parsed.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct BadOptions {
  const char* name;
  std::vector<std::string> arguments;
  Variables variables;
  std::vector<const char*> message_parts;
};

void PrintTo(const BadOptions& bad, std::ostream* out) { *out << bad.name; }

class BadOptionsTest : public ::testing::TestWithParam<BadOptions> {};

TEST_P(BadOptionsTest, EndInOneLineThatNamesTheFault) {
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
                                 {"--model-control", "a model given with --model never changes"}},
                      BadOptions{"ModelToLoadWithoutControl",
                                 {"--model-repository", "r", "--load-model", "m"},
                                 {},
                                 {"--load-model requires --model-control explicit"}},
                      BadOptions{"ModelFilesWithoutControl",
                                 {"--model-repository", "r", "--allow-rpc-model-files"},
                                 {},
                                 {"--allow-rpc-model-files requires --model-control explicit"}},
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

TEST(BadVariableTest, NamesTheVariableThatHoldsABadValue) {
  const Parsed parsed = Parse({"--model", "m.onnx"}, {{"MLP_RPC_THREADS", "many"}});
  EXPECT_EQ(parsed.exit_code, 2);
  EXPECT_THAT(parsed.err, HasSubstr("'many'"));
  EXPECT_THAT(parsed.err, HasSubstr("MLP_RPC_THREADS"));
}

TEST(BadVariableTest, IsNamedInMessagesAboutSeveralOptions) {
  const Parsed parsed = Parse({"--model-repository", "r"}, {{"MLP_LOAD_MODEL", "m"}});
  EXPECT_EQ(parsed.err,
            "mlp-server: --load-model requires --model-control explicit (from MLP_LOAD_MODEL)\n");
}

TEST(BadVariableTest, OfAFlagMustBeTrueOrFalse) {
  const Parsed parsed = Parse({"--model", "m.onnx"}, {{"MLP_EXTERNAL_DATA_HARD_LINKS", "maybe"}});
  EXPECT_EQ(parsed.err,
            "mlp-server: --external-data-hard-links: 'maybe' is unknown; expected true or false "
            "(from MLP_EXTERNAL_DATA_HARD_LINKS)\n");
}

TEST(BadVariableTest, IsNotNamedIfTheCommandLineIsWrong) {
  const Parsed parsed =
      Parse({"--model", "m.onnx", "--rpc-threads", "0"}, {{"MLP_RPC_THREADS", "1"}});
  EXPECT_THAT(parsed.err, HasSubstr("--rpc-threads"));
  EXPECT_THAT(parsed.err, ::testing::Not(HasSubstr("MLP_")));
}

TEST(BadVariableTest, IsRefusedIfItBelongsToNoOption) {
  const Parsed parsed = Parse({"--model", "m.onnx"}, {{"MLP_RPC_THREAD", "1"}});
  EXPECT_EQ(parsed.exit_code, 2);
  EXPECT_THAT(parsed.err, HasSubstr("MLP_RPC_THREAD: unknown variable"));
  EXPECT_THAT(parsed.err, HasSubstr("did you mean MLP_RPC_THREADS?"));
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
                      BadFile{"FurtherFile", "config = more.ini\n",
                              "config: This option is not allowed"},
                      BadFile{"OnlyForTheCommandLine", "validate = true\n",
                              "validate: This option is not allowed"},
                      BadFile{"Section", "[server]\nrpc-threads = 1\n", "'server' is unknown"}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(BadConfigTest, IsNamedWithItsBadValue) {
  const ConfigFile file("rpc-threads = 0\n");
  const Parsed parsed = Parse({"--model", "m.onnx"}, {{"MLP_CONFIG", file.path()}});
  EXPECT_THAT(parsed.err, HasSubstr("(from " + file.path() + ")"));
}

TEST(BadConfigTest, NamesAMissingFile) {
  for (const Parsed& parsed : {Parse({"--model", "m.onnx", "--config", "no-such.ini"}),
                               Parse({"--model", "m.onnx"}, {{"MLP_CONFIG", "no-such.ini"}})}) {
    EXPECT_EQ(parsed.exit_code, 2);
    EXPECT_THAT(parsed.err, HasSubstr("no-such.ini"));
  }
}

TEST(BadPathTest, IsRefusedIfItIsEmpty) {
  for (const char* flag :
       {"--tls-cert", "--tls-key", "--tls-client-ca", "--tls-crl", "--http-tls-cert",
        "--http-tls-key", "--tokens-file", "--admin-address"}) {
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
