// compare as a whole command on files.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/client/run_command.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string InDeploy(const std::string& path) {
  return std::string(MLP_SOURCE_DIR) + "/deploy/models/" + path;
}

nlohmann::json CompareDigits(const std::string& weights) {
  const CommandOutcome outcome =
      RunCommand({"compare", InDeploy("repository/digits-tanh/1"), "--weights", weights, "--input",
                  InDeploy("held_out/pixels.npy"), "--json"});
  EXPECT_EQ(outcome.exit_code, kExitDone) << outcome.err;
  return nlohmann::json::parse(outcome.out);
}

TEST(CompareTest, FindsNoDifferenceIfThereIsNone) {
  const nlohmann::json json = CompareDigits("float32");
  EXPECT_EQ(json["rows"], 360);
  EXPECT_EQ(json["weight_bytes"], json["float32_weight_bytes"]);
  ASSERT_EQ(json["outputs"].size(), 2U);
  for (const nlohmann::json& output : json["outputs"]) {
    EXPECT_EQ(output["largest_difference"], 0.0);
    EXPECT_EQ(output["mean_difference"], 0.0);
    EXPECT_EQ(output["changed_share"], 0.0);
  }
}

TEST(CompareTest, FindsGreaterDifferencesForFewerBits) {
  const nlohmann::json bfloat16 = CompareDigits("bfloat16");
  const nlohmann::json int8 = CompareDigits("int8");
  EXPECT_EQ(int8["weights"], "int8");
  EXPECT_LT(int8["weight_bytes"], bfloat16["weight_bytes"]);
  EXPECT_LT(bfloat16["weight_bytes"], bfloat16["float32_weight_bytes"]);
  for (const nlohmann::json* json : {&bfloat16, &int8}) {
    for (const nlohmann::json& output : (*json)["outputs"]) {
      EXPECT_GT(output["largest_difference"], output["mean_difference"]);
      EXPECT_GT(output["mean_difference"], 0.0);
      EXPECT_LT(output["changed_share"], 0.02);
    }
  }
}

TEST(CompareTest, PrintsATableAndReadsRowsFromStandardInput) {
  const CommandOutcome outcome =
      RunCommand({"compare", std::string(MLP_SOURCE_DIR) + "/tests/fixtures/native/good/pytorch",
                  "--weights", "int8"},
                 "1,2,3,4,5,6,7\n7,6,5,4,3,2,1\n");
  EXPECT_EQ(outcome.exit_code, kExitDone) << outcome.err;
  EXPECT_THAT(outcome.out, StartsWith("rows        2\nfloat32     "));
  EXPECT_THAT(outcome.out, HasSubstr(" bytes\nint8        "));
  EXPECT_THAT(outcome.out,
              HasSubstr("\n\noutput  largest difference  mean difference  classes changed\ny  "));
}

struct RefusedComparison {
  const char* name;
  std::vector<std::string> arguments;
  const char* rows;
  const char* message;
};

void PrintTo(const RefusedComparison& refused, std::ostream* out) { *out << refused.name; }

class RefusedComparisonTest : public ::testing::TestWithParam<RefusedComparison> {};

TEST_P(RefusedComparisonTest, ReportsWhatIsWrong) {
  std::vector<std::string> arguments = {"compare"};
  arguments.insert(arguments.end(), GetParam().arguments.begin(), GetParam().arguments.end());
  const CommandOutcome outcome = RunCommand(arguments, GetParam().rows);
  EXPECT_EQ(outcome.exit_code, kExitError);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedComparisonTest,
    ::testing::Values(
        RefusedComparison{"UnknownStorage",
                          {InDeploy("repository/digits-tanh/1"), "--weights", "int4"},
                          "1\n",
                          "'int4' is not a storage of weights; expected float32, bfloat16 or int8"},
        RefusedComparison{"NoStorage", {InDeploy("repository/digits-tanh/1")}, "1\n", "--weights"},
        RefusedComparison{"NoModel", {"no-such.onnx", "--weights", "int8"}, "1\n", "no-such.onnx"},
        RefusedComparison{"NoRows",
                          {InDeploy("repository/digits-tanh/1"), "--weights", "int8"},
                          "",
                          "INVALID_ARGUMENT"},
        RefusedComparison{
            "NoFile",
            {InDeploy("repository/digits-tanh/1"), "--weights", "int8", "--input", "no-such.npy"},
            "",
            "'no-such.npy'"},
        RefusedComparison{"RowsOfAnotherWidth",
                          {InDeploy("repository/digits-tanh/1"), "--weights", "int8"},
                          "1,2,3\n",
                          "the rows have 3 values; the model's input 'pixels' expects 64"}),
    [](const auto& param) { return std::string(param.param.name); });

}  // namespace
}  // namespace mlp
