#include "client/commands/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/status.h"
#include "tests/client/fake_server.h"
#include "tests/client/run_command.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kLayers[] = R"([
  {"name": "hidden_1", "inputs": 64, "units": 1000, "activation": "prelu",
   "activation_parameters": {"alpha": [-0.5, 0.25]}, "lower_tail": [-6, -4.6051], "parameters": 65000, "more": 1},
  {"name": "output", "inputs": 1000, "units": 10, "activation": "tanh",
   "activation_parameters": {"alpha": 2}, "lower_tail": -2.993, "upper_tail": 2.993, "parameters": 10010}])";

ModelDescription Description() {
  return {{"digits",
           "",
           {"1", "2"},
           "onnx",
           {{"pixels", "FP32", {-1, 64}}},
           {{"logits", "FP32", {-1, 10}}}},
          1024,
          {{"layers", kLayers},
           {"parameter_count", "75010"},
           {"saturation_epsilon", "0.01"},
           {"instruction_set", "avx2"},
           {"weight_bytes", "301056"},
           {"workspace_bytes", "540000"}}};
}

TEST(DescribeTest, PrintsTheLayers) {
  EXPECT_EQ(DescriptionText(Description()).value(),
            "model       digits\n"
            "versions    1, 2\n"
            "platform    onnx\n"
            "input       pixels  FP32 [-1,64]\n"
            "output      logits  FP32 [-1,10]\n"
            "rows        at most 1,024 in a request\n"
            "parameters  75,010\n"
            "memory      301,056 bytes of weights, and 540,000 of workspace per thread, on avx2\n"
            "saturated   where the activation's slope is below 0.01 of its steepest\n"
            "\n"
            "layer     inputs  units  activation                 lower tail         upper tail  "
            "parameters\n"
            "hidden_1      64  1,000  prelu, alpha -0.5 .. 0.25  z <= -6 .. -4.605  -           "
            "    65,000\n"
            "output     1,000     10  tanh, alpha 2              z <= -2.993        z >= 2.993  "
            "    10,010\n");
}

TEST(DescribeTest, PrintsJsonWithEverythingTheServerSends) {
  const auto json = nlohmann::json::parse(DescriptionJson(Description()).value());
  EXPECT_EQ(json["name"], "digits");
  EXPECT_EQ(json["max_rows"], 1024);
  EXPECT_EQ(json["inputs"][0]["shape"].dump(), "[-1,64]");
  EXPECT_EQ(json["parameters"]["parameter_count"], "75010");
  EXPECT_EQ(json["layers"][0]["more"], 1);
}

TEST(DescribeTest, IgnoresAnInvalidNumberOfBytes) {
  ModelDescription description = Description();
  description.parameters["weight_bytes"] = "many";
  EXPECT_THAT(DescriptionText(description).value(), Not(HasSubstr("memory")));
}

TEST(DescribeTest, WorksWithoutLayers) {
  ModelDescription description = Description();
  description.max_rows = 0;
  description.parameters.clear();
  EXPECT_THAT(DescriptionText(description).value(), HasSubstr("no batching"));
  EXPECT_TRUE(DescriptionJson(description).ok());
}

TEST(DescribeTest, RefusesLayersThatItCannotRead) {
  ModelDescription description = Description();
  description.parameters["layers"] = "[{}]";
  EXPECT_EQ(DescriptionText(description).status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(DescriptionJson(description).status().code(), absl::StatusCode::kInternal);
}

TEST(DescribeTest, DescribesTheRequestedVersion) {
  FakeServer server;
  server.ServeDoubler();
  server.config = [](const auto& request, auto& /*response*/) {
    EXPECT_EQ(request.version(), "7");
    return grpc::Status::OK;
  };
  const CommandOutcome outcome =
      RunCommand({"describe", "doubler", "--version", "7", "--address", server.address()});
  EXPECT_EQ(outcome.exit_code, kExitDone) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("input       x  FP32 [-1,3]\n"));
  EXPECT_EQ(RunCommand({"describe", "other", "--address", server.address()}).err,
            "mlp-client: NOT_FOUND: model 'other' is not known\n");
}

}  // namespace
}  // namespace mlp
