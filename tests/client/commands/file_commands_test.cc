// convert, validate and describe on files, as whole commands.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/commands/describe_file.h"
#include "model/cpu/instruction_set.h"
#include "tests/client/run_command.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

std::string SampleModel() {
  return std::string(MLP_SOURCE_DIR) + "/deploy/models/repository/digits-prelu/1";
}

std::string NativeModelFixture() {
  return std::string(MLP_SOURCE_DIR) + "/tests/fixtures/native/good/pytorch";
}

TEST(ValidateTest, SaysOkOrWhyNot) {
  const CommandOutcome good = RunCommand({"validate", SampleModel() + "/model.onnx"});
  EXPECT_EQ(good.exit_code, kExitDone) << good.err;
  EXPECT_EQ(good.out, "OK\n");
  const CommandOutcome bad = RunCommand(
      {"validate", std::string(MLP_SOURCE_DIR) + "/tests/fixtures/native/bad/unknown_layout"});
  EXPECT_EQ(bad.exit_code, kExitError);
  EXPECT_EQ(bad.out, "");
  EXPECT_EQ(bad.err,
            "mlp-client: INVALID_ARGUMENT: 'model.json': '/layers/0/layout' is the string 'OI'; "
            "expected one of out_in, in_out\n");
}

TEST(ConvertTest, ConvertsBackAndForth) {
  const TemporaryFolder folder;
  const std::string native = folder.path() / "native";
  const std::string onnx = folder.path() / "again.onnx";
  const CommandOutcome first = RunCommand({"convert", SampleModel(), native});
  ASSERT_EQ(first.exit_code, kExitDone) << first.err;
  ASSERT_EQ(RunCommand({"convert", native, onnx}).exit_code, kExitDone);
  EXPECT_EQ(RunCommand({"describe", onnx}).out, RunCommand({"describe", SampleModel() + "/"}).out);
  EXPECT_EQ(RunCommand({"convert", native, onnx}).err,
            "mlp-client: ALREADY_EXISTS: the file 'again.onnx' exists already; expected a new "
            "one\n");
  EXPECT_EQ(RunCommand({"convert", SampleModel(), native}).exit_code, kExitError);
}

TEST(DescribeFileTest, PrintsTheLayers) {
  const CommandOutcome outcome = RunCommand({"describe", NativeModelFixture()});
  EXPECT_EQ(outcome.exit_code, kExitDone) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("input       x  FP32 [-1,7]\n"
                                     "output      y  FP32 [-1,3]\n"
                                     "parameters  142\n"
                                     "memory      "));
  EXPECT_THAT(outcome.out, HasSubstr(absl::StrCat(" of workspace per thread, on ",
                                                  NameOf(BestInstructionSet()), "\n\n")));
  EXPECT_THAT(outcome.out,
              HasSubstr("hidden_1       7      6  elu, alpha 0.5  z <= -3.912  -            "));
  EXPECT_THAT(outcome.out, HasSubstr("        48    192              0 %\n"));
}

TEST(DescribeFileTest, PrintsJson) {
  const CommandOutcome outcome =
      RunCommand({"describe", NativeModelFixture() + "/model.json", "--json"});
  EXPECT_EQ(outcome.exit_code, kExitDone) << outcome.err;
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["parameter_count"], 142);
  EXPECT_EQ(json["instruction_set"], std::string(NameOf(BestInstructionSet())));
  EXPECT_GT(json["weight_bytes"], 4 * 142);
  EXPECT_GT(json["workspace_bytes"], 0);
  EXPECT_EQ(json["inputs"][0]["shape"].dump(), "[-1,7]");
  EXPECT_EQ(json["layers"][0]["activation_parameters"]["alpha"], 0.5);
  EXPECT_EQ(json["layers"][0]["dead_units"], 0);
}

TEST(DescribeFileTest, DistinguishesPathsFromNames) {
  for (const char* path : {"./digits", "a/b", "digits.onnx", "model.json", "model.safetensors"}) {
    EXPECT_TRUE(IsModelPath(path)) << path;
  }
  for (const char* name : {"digits", "digits.v2", "onnx"}) EXPECT_FALSE(IsModelPath(name)) << name;
}

}  // namespace
}  // namespace mlp
