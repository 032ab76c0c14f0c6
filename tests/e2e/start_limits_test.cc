// A system that provides too little: the server ends at the start, with one line that says why.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/e2e/child_process.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

struct SystemLimit {
  const char* name;
  const char* limit;  // in the form prlimit takes
  const char* said;
};

void PrintTo(const SystemLimit& limit, std::ostream* out) { *out << limit.name; }

class StartLimitsTest : public ::testing::TestWithParam<SystemLimit> {};

TEST_P(StartLimitsTest, EndsWithOneLineAndCodeOne) {
  // A sanitizer reserves terabytes of address space.
  if (ServerProcess::IsOfAnotherBuild())
    GTEST_SKIP() << "limits are those of the program as shipped";
  Command command =
      ServerCommand({"--model-repository", SampleModels().string(), "--grpc-address", "127.0.0.1:0",
                     "--http-address", "127.0.0.1:0", "--log-level", "error"});
  command.words.insert(command.words.begin(), {"prlimit", GetParam().limit});
  const FinishedRun run = RunToItsEnd(command);
  EXPECT_EQ(run.exit_code, 1) << run.out;
  EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 1) << run.out;
  EXPECT_THAT(run.out, ::testing::HasSubstr(GetParam().said));
}

INSTANTIATE_TEST_SUITE_P(
    All, StartLimitsTest,
    ::testing::Values(SystemLimit{"FiveDescriptors", "--nofile=5:5", "file descriptors"},
                      SystemLimit{"TenDescriptors", "--nofile=10:10", "file descriptors"},
                      SystemLimit{"FortyDescriptors", "--nofile=40:40", "file descriptors"},
                      SystemLimit{"AHundredMegabytes", "--as=100000000", "address space"},
                      SystemLimit{"FourHundredMegabytes", "--as=400000000", "address space"}),
    [](const auto& tested) { return tested.param.name; });

TEST(StartThreadsTest, SaysHowManyThreadsAreMissing) {
  if (ServerProcess::IsOfAnotherBuild())
    GTEST_SKIP() << "limits are those of the program as shipped";
  // No system gives a process this much address space for stacks with so little in total.
  Command command = ServerCommand({"--model-repository", SampleModels().string(), "--grpc-address",
                                   "127.0.0.1:0", "--http-address", "127.0.0.1:0", "--log-level",
                                   "error", "--rpc-threads", "1000"});
  command.words.insert(command.words.begin(), {"prlimit", "--as=4000000000"});
  const FinishedRun run = RunToItsEnd(command);
  EXPECT_EQ(run.exit_code, 1) << run.out;
  EXPECT_THAT(run.out, ::testing::HasSubstr("expected at least"));
}

}  // namespace
}  // namespace mlp
