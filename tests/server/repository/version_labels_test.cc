#include "server/repository/version_labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <ostream>
#include <string>

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

inference::ModelConfig ConfigWith(const std::string& key, const std::string& value) {
  inference::ModelConfig config;
  (*config.mutable_parameters())[key].set_string_value(value);
  return config;
}

TEST(VersionLabelsTest, AreTheParametersOfTheirPrefix) {
  inference::ModelConfig config = ConfigWith("version_label.stable", "3");
  (*config.mutable_parameters())["version_label.canary-2_b"].set_string_value("12");
  (*config.mutable_parameters())["owner"].set_string_value("we");
  const auto labels = ReadVersionLabels(config);
  ASSERT_TRUE(labels.ok()) << labels.status();
  EXPECT_THAT(*labels, ElementsAre(Pair("canary-2_b", 12), Pair("stable", 3)));
}

struct WrongLabel {
  std::string key;
  std::string value;
  const char* message;
};

void PrintTo(const WrongLabel& label, std::ostream* out) { *out << label.key << label.value; }

class WrongVersionLabelTest : public ::testing::TestWithParam<WrongLabel> {};

TEST_P(WrongVersionLabelTest, IsNamedInTheError) {
  const auto labels = ReadVersionLabels(ConfigWith(GetParam().key, GetParam().value));
  EXPECT_EQ(labels.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(labels.status().message()), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongVersionLabelTest,
    ::testing::Values(WrongLabel{"version_label.", "3", "'' is not a label"},
                      WrongLabel{"version_label.7", "3", "'7' is not a label"},
                      WrongLabel{"version_label.Stable", "3", "'Stable' is not a label"},
                      WrongLabel{"version_label." + std::string(65, 'x'), "3", "is not a label"},
                      WrongLabel{"version_label.stable", "three", "is 'three'; expected a version"},
                      WrongLabel{"version_label.stable", "03", "is '03'"},
                      WrongLabel{"version_label.stable", "", "is ''"}));

TEST(ParseVersionTest, AcceptsPositiveIntegersInTheirShortestForm) {
  EXPECT_EQ(ParseVersion("1"), 1);
  EXPECT_EQ(ParseVersion("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  for (const char* text : {"", "0", "01", "-1", "+1", " 1", "1 ", "1.0", "9223372036854775808"}) {
    EXPECT_FALSE(ParseVersion(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace mlp
