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

TEST(ProgramTest, NamesACommandThatItDoesNotKnow) {
  EXPECT_THAT(RunCommand({"bogus"}).err, HasSubstr("bogus"));
}

TEST(ProgramTest, HelpsWithEveryCommand) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"--help"},
                                             {"infer", "--help"},
                                             {"models", "--help"},
                                             {"bench", "--help"},
                                             {"activations", "--help"},
                                             {"describe", "--help"},
                                             {"token", "--help"},
                                             {"token", "new", "--help"},
                                             {"health", "--help"}}) {
    const CommandOutcome outcome = RunCommand(arguments);
    EXPECT_EQ(outcome.exit_code, kExitDone);
    EXPECT_THAT(outcome.out, HasSubstr("Examples:\n  mlp-client "));
    EXPECT_EQ(outcome.err, "");
  }
  EXPECT_THAT(RunCommand({"--help"}).out, HasSubstr("Exit codes: 0 done"));
}

TEST(ProgramTest, TellsItsVersion) {
  const CommandOutcome outcome = RunCommand({"--version"});
  EXPECT_EQ(outcome.exit_code, kExitDone);
  EXPECT_THAT(outcome.out, StartsWith("mlp-client 0."));
}

TEST(ProgramTest, TakesTheAddressFromTheEnvironmentUnlessItIsGiven) {
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

TEST(ProgramTest, TellsAServerThatIsNotThere) {
  const CommandOutcome outcome = RunCommand({"models", "--address", "127.0.0.1:1"});
  EXPECT_EQ(outcome.exit_code, kExitError);
  EXPECT_THAT(outcome.err, StartsWith("mlp-client: UNAVAILABLE: "));
}

}  // namespace
}  // namespace mlp
