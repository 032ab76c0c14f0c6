#include "client/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "tests/client/fake_server.h"
#include "tests/client/run_command.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(ProgramTest, RefusesArgumentsInOneLine) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {},
           {"bogus"},
           {"--bogus", "models"},
           {"models", "extra"},
           {"models", "--bogus"},
           {"models", "health"},
           {"infer"},
           {"describe"},
           {"describe", "a", "b"},
           {"health", "--wait", "-1"},
           {"health", "--wait", "soon"},
           {"models", "--timeout", "x"},
           {"models", "--timeout", "0"},
           {"models", "--timeout", "-1"},
           {"models", "--timeout", "nan"},
           {"models", "--timeout", "1e300"},
           {"models", "--address", "localhost"},
           {"models", "--address", "http://localhost:8001"},
           {"infer", "m", "--input-format", "xml"},
           {"infer", "m", "--output-format", "xml"},
           {"infer", "m", "--rows-per-request", "0"},
           {"infer", "m", "--scale", "large"},
           {"infer", "m", "--scale", "nan"},
           {"infer", "m", "--scale", "inf"},
           {"health", "--wait", "nan"},
           {"watch", "--once", "--interval", "nan"},
           {"watch", "--once", "--interval", "0.01"},
           {"activations", "--epsilon", "nan"},
           {"bench", "m", "--warmup", "nan"},
           {"bench", "m", "--duration", "nan"},
           {"bench", "m", "--rate", "nan"},
           {"infer", "m", "--draw", "first"},
           {"bench"},
           {"bench", "m", "--concurrency", "0"},
           {"bench", "m", "--concurrency", "1,10001"},
           {"bench", "m", "--rate", "fast"},
           {"bench", "m", "--rate", "1", "--concurrency", "1"},
           {"bench", "m", "--rows", "0"},
           {"bench", "m", "--duration", "0"},
           {"bench", "m", "--requests", "0"},
           {"bench", "m", "--input", "/no/such/file"},
       }) {
    const CommandOutcome outcome = RunCommand(arguments);
    const std::string shown = ::testing::PrintToString(arguments);
    EXPECT_EQ(outcome.exit_code, kExitError) << shown;
    EXPECT_EQ(outcome.out, "") << shown;
    EXPECT_THAT(outcome.err, StartsWith("mlp-client: ")) << shown;
    EXPECT_EQ(outcome.err.find('\n'), outcome.err.size() - 1) << shown << ": " << outcome.err;
  }
}

// NaN is neither below nor above any bound.
TEST(ProgramTest, RefusesInvalidNumbers) {
  struct Case {
    std::vector<std::string> arguments;
    const char* message;
  };
  for (const Case& test_case : {
           Case{{"watch", "--interval", "nan"},
                "--interval: 'nan'; expected a number from 0.1 to "},
           Case{{"watch", "--interval", "-nan"}, "--interval: '-nan'; expected a number from 0.1"},
           Case{{"watch", "--interval", "4000"}, "'4000'; expected a number from 0.1 to 3600"},
           Case{{"health", "--wait", "nan"}, "--wait: 'nan'; expected a number from 0 to 1e+09"},
           Case{{"activations", "--epsilon", "nan"}, "--epsilon: 'nan'; expected a number from"},
           Case{{"bench", "m", "--warmup", "nan"}, "--warmup: 'nan'; expected a number from 0 to"},
           Case{{"bench", "m", "--duration", "nan"}, "--duration: 'nan'; expected a number from"},
           Case{{"infer", "m", "--scale", "nan"}, "--scale: 'nan'; expected a finite number"},
           Case{{"infer", "m", "--scale", "1e300"}, "--scale: '1e300'; expected a finite number"},
       }) {
    const CommandOutcome outcome = RunCommand(test_case.arguments);
    EXPECT_EQ(outcome.exit_code, kExitError);
    EXPECT_THAT(outcome.err, HasSubstr(test_case.message));
  }
}

TEST(ProgramTest, NamesACommandThatItDoesNotKnow) {
  EXPECT_THAT(RunCommand({"bogus"}).err, HasSubstr("bogus"));
}

TEST(ProgramTest, PrintsHelpForEveryCommand) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"--help"},
                                             {"infer", "--help"},
                                             {"models", "--help"},
                                             {"bench", "--help"},
                                             {"activations", "--help"},
                                             {"describe", "--help"},
                                             {"token", "--help"},
                                             {"token", "new", "--help"},
                                             {"health", "--help"},
                                             {"watch", "--help"},
                                             {"calibrate", "--help"},
                                             {"baseline", "--help"},
                                             {"accept-windows", "--help"}}) {
    const CommandOutcome outcome = RunCommand(arguments);
    EXPECT_EQ(outcome.exit_code, kExitDone);
    EXPECT_THAT(outcome.out, HasSubstr("Examples:\n  mlp-client "));
    EXPECT_EQ(outcome.err, "");
  }
  EXPECT_THAT(RunCommand({"--help"}).out, HasSubstr("Exit codes: 0 done"));
  EXPECT_THAT(
      RunCommand({"accept-windows", "--help"}).out,
      HasSubstr("at least 50 and at most 200, spread\nevenly over the time since the baseline"));
  EXPECT_THAT(RunCommand({"watch", "--help"}).out, HasSubstr("once in 1,000 windows"));
}

TEST(ProgramTest, PrintsItsVersion) {
  const CommandOutcome outcome = RunCommand({"--version"});
  EXPECT_EQ(outcome.exit_code, kExitDone);
  EXPECT_THAT(outcome.out, StartsWith("mlp-client 0."));
}

TEST(ProgramTest, ReadsTheAddressFromTheEnvironmentUnlessItIsGiven) {
  FakeServer server;
  server.index = [](const auto& /*request*/, auto& /*response*/) { return grpc::Status::OK; };
  setenv("MLP_ADDRESS", server.address().c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
  EXPECT_EQ(RunCommand({"models"}).exit_code, kExitDone);
  setenv("MLP_ADDRESS", "127.0.0.1:1", 1);  // NOLINT(concurrency-mt-unsafe)
  EXPECT_EQ(RunCommand({"models"}).exit_code, kExitError);
  EXPECT_EQ(RunCommand({"--address", server.address(), "models"}).exit_code, kExitDone);
  EXPECT_EQ(RunCommand({"models", "--address", server.address()}).exit_code, kExitDone);
  unsetenv("MLP_ADDRESS");  // NOLINT(concurrency-mt-unsafe)
}

TEST(ProgramTest, KeepsAServersMessageOnOneLine) {
  FakeServer server;
  server.index = [](const auto& /*request*/, auto& /*response*/) {
    return grpc::Status(grpc::StatusCode::INTERNAL, "two\nlines\x1b[2J");
  };
  EXPECT_EQ(RunCommand({"models", "--address", server.address()}).err,
            "mlp-client: INTERNAL: two\\nlines\\x1b[2J\n");
}

TEST(ProgramTest, ReportsAMissingServer) {
  const CommandOutcome outcome = RunCommand({"models", "--address", "127.0.0.1:1"});
  EXPECT_EQ(outcome.exit_code, kExitError);
  EXPECT_THAT(outcome.err, StartsWith("mlp-client: UNAVAILABLE: "));
}

}  // namespace
}  // namespace mlp
