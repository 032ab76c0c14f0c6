// Reasons for which a server does not start, each with one clear line.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/e2e/bound_port.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

struct BadStart {
  const char* name;
  std::vector<std::string> arguments;
  std::vector<const char*> message_parts;
};

void PrintTo(const BadStart& bad, std::ostream* out) { *out << bad.name; }

class BadStartTest : public ::testing::TestWithParam<BadStart> {};

TEST_P(BadStartTest, EndsWithOneClearLine) {
  std::vector<std::string> arguments = GetParam().arguments;
  if (std::find(arguments.begin(), arguments.end(), "--http-address") == arguments.end()) {
    arguments.insert(arguments.end(), {"--http-address", "127.0.0.1:0"});
  }
  arguments.insert(arguments.end(), {"--log-level", "error"});
  const ServerRun run = RunServer(arguments);
  ASSERT_TRUE(run.exit_code.has_value()) << run.out;
  EXPECT_NE(*run.exit_code, 0);
  EXPECT_EQ(std::count(run.out.begin(), run.out.end(), '\n'), 1) << run.out;
  for (const char* part : GetParam().message_parts) EXPECT_THAT(run.out, HasSubstr(part));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadStartTest,
    ::testing::Values(
        BadStart{"NoModel", {}, {"--model-repository", "--model"}},
        BadStart{"MissingRepository",
                 {"--model-repository", "no-such-folder"},
                 {"no-such-folder", "does not exist"}},
        BadStart{"MissingModelFile", {"--model", "no-such.onnx"}, {"no-such.onnx"}},
        BadStart{"BrokenModelFile",
                 {"--model", InCheckout("tests/fixtures/onnx/bad/conv_node.onnx").string()},
                 {"conv_node.onnx", "Conv", "convolutions over small images"}},
        BadStart{"UnknownFlag", {"--model", "m.onnx", "--gpu"}, {"--gpu"}},
        BadStart{
            "BadNumber", {"--model", "m.onnx", "--rpc-threads", "many"}, {"rpc-threads", "many"}},
        BadStart{
            "NumberOutOfRange", {"--model", "m.onnx", "--max-batch-rows", "0"}, {"max-batch-rows"}},
        BadStart{"BadAddress",
                 {"--model", "m.onnx", "--http-address", "nowhere"},
                 {"'nowhere' is not an address", "host:port"}},
        BadStart{"BadGrpcHost",
                 {"--model-repository", SampleModels().string(), "--grpc-address",
                  "no.such.host.invalid:8001"},
                 {"no.such.host.invalid:8001"}}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(LifecycleTest, EndsWithOneLineIfAPortIsInUse) {
  const BoundPort taken(PortUse::kListens);
  const std::string address = absl::StrCat("127.0.0.1:", taken.port());
  const ServerRun grpc =
      RunServer({"--model-repository", SampleModels().string(), "--http-address", "127.0.0.1:0",
                 "--grpc-address", address, "--log-level", "error"});
  EXPECT_EQ(grpc.exit_code, 1);
  EXPECT_THAT(grpc.out, HasSubstr(address));
  EXPECT_EQ(std::count(grpc.out.begin(), grpc.out.end(), '\n'), 1) << grpc.out;
  const ServerRun http =
      RunServer({"--model-repository", SampleModels().string(), "--grpc-address", "127.0.0.1:0",
                 "--http-address", address, "--log-level", "error"});
  EXPECT_EQ(http.exit_code, 1);
  EXPECT_THAT(http.out, HasSubstr(address));
  EXPECT_EQ(std::count(http.out.begin(), http.out.end(), '\n'), 1) << http.out;
}

TEST(LifecycleTest, TwoServersCannotShareAGrpcPort) {
  const auto first = ServerProcess::StartOnSampleModels();
  ASSERT_TRUE(first.ok()) << first.status();
  const ServerRun second =
      RunServer({"--model-repository", SampleModels().string(), "--http-address", "127.0.0.1:0",
                 "--grpc-address", (*first)->grpc_address(), "--log-level", "error"});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.out, HasSubstr("in use"));
}

}  // namespace
}  // namespace mlp
