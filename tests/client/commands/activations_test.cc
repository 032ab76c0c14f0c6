#include "client/commands/activations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/text.h"
#include "model/activations/activation.h"
#include "tests/bytes_of_file.h"
#include "tests/client/run_command.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(ActivationsCommandTest, ListsEveryActivation) {
  const CommandOutcome outcome = RunCommand({"activations"});
  ASSERT_EQ(outcome.exit_code, kExitDone) << outcome.err;
  for (const ActivationInfo* info : AllActivations()) {
    EXPECT_THAT(outcome.out, HasSubstr(absl::StrCat("\n", info->name, " "))) << info->name;
  }
  EXPECT_THAT(outcome.out, HasSubstr("z <= -5.986"));  // those of sigmoid at 0.01
}

TEST(ActivationsCommandTest, ListsAsJson) {
  const CommandOutcome outcome = RunCommand({"activations", "--json", "--epsilon", "0.5"});
  ASSERT_EQ(outcome.exit_code, kExitDone) << outcome.err;
  const auto list = nlohmann::json::parse(outcome.out);
  ASSERT_EQ(list.size(), AllActivations().size());
  for (const auto& entry : list) {
    EXPECT_FALSE(entry.at("formula").get<std::string>().empty()) << entry;
    EXPECT_EQ(entry.at("tails").is_null(), !entry.at("element_wise").get<bool>()) << entry;
    if (entry.at("name") == "tanh") {
      EXPECT_NEAR(entry.at("tails").at("upper").get<double>(), 0.881374, 1e-6);
      EXPECT_EQ(entry.at("names").at("pytorch"), "Tanh");
    }
  }
}

TEST(ActivationsCommandTest, DrawsEveryElementwiseActivationWithinEightyColumns) {
  for (const ActivationInfo* info : AllActivations()) {
    const CommandOutcome outcome = RunCommand({"activations", "--plot", std::string(info->name)});
    if (!info->elementwise) {
      EXPECT_EQ(outcome.exit_code, kExitError);
      EXPECT_THAT(outcome.err, AllOf(HasSubstr("INVALID_ARGUMENT"), HasSubstr("whole row")));
      continue;
    }
    ASSERT_EQ(outcome.exit_code, kExitDone) << outcome.err;
    EXPECT_THAT(outcome.out, StartsWith(info->name));
    int lines_with_dots = 0;
    const std::vector<std::string> lines = absl::StrSplit(outcome.out, '\n');
    for (const std::string& line : lines) {
      // Only lines of the drawing are checked: titles are as long as their formulas, and the last
      // line gives both tails.
      if (line.find("\xE2\xA0") != std::string::npos ||
          line.find("\xE2\xA1") != std::string::npos ||
          line.find("\xE2\xA2") != std::string::npos ||
          line.find("\xE2\xA3") != std::string::npos) {
        ++lines_with_dots;
        EXPECT_LE(DisplayWidth(line), 80U) << line;
      }
    }
    EXPECT_GE(lines_with_dots, 1) << outcome.out;
  }
}

TEST(ActivationsCommandTest, WritesAnSvgWithTheParametersGiven) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "plot.svg";
  const std::vector<std::string> arguments = {"activations", "--plot", "leaky_relu", "--parameter",
                                              "alpha=0.2",   "--svg",  file.string()};
  ASSERT_EQ(RunCommand(arguments).exit_code, kExitDone);
  const std::string svg = BytesOfFile(file);
  EXPECT_THAT(svg, StartsWith("<svg xmlns="));
  EXPECT_THAT(svg, HasSubstr("leaky_relu, alpha = 0.2"));
  EXPECT_THAT(svg, HasSubstr("</svg>\n"));
  // An existing file is not overwritten.
  EXPECT_EQ(RunCommand(arguments).exit_code, kExitError);
}

TEST(ActivationsCommandTest, RefusesUnknownNames) {
  EXPECT_THAT(RunCommand({"activations", "--plot", "step"}).err,
              AllOf(HasSubstr("NOT_FOUND"), HasSubstr("step"), HasSubstr("sigmoid")));
  EXPECT_THAT(RunCommand({"activations", "--plot", "elu", "--parameter", "beta=1"}).err,
              AllOf(HasSubstr("'beta'"), HasSubstr("alpha")));
  EXPECT_THAT(RunCommand({"activations", "--plot", "tanh", "--parameter", "alpha=1"}).err,
              HasSubstr("it has none"));
  EXPECT_THAT(RunCommand({"activations", "--plot", "elu", "--parameter", "alpha=much"}).err,
              AllOf(HasSubstr("alpha=much"), HasSubstr("NAME=VALUE")));
  EXPECT_THAT(RunCommand({"activations", "--plot", "elu", "--parameter", "alpha=nan"}).err,
              HasSubstr("INVALID_ARGUMENT"));
  EXPECT_THAT(RunCommand({"activations", "--svg", "x.svg"}).err, HasSubstr("--plot"));
  EXPECT_THAT(RunCommand({"activations", "--epsilon", "0"}).err, HasSubstr("--epsilon"));
}

}  // namespace
}  // namespace mlp
