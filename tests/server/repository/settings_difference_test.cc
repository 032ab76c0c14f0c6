#include "server/repository/settings_difference.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

struct SettingsCase {
  const char* name;
  const char* before;
  const char* now;
  const char* difference;
};

void PrintTo(const SettingsCase& settings, std::ostream* out) { *out << settings.name; }

class SettingsDifferenceTest : public ::testing::TestWithParam<SettingsCase> {};

TEST_P(SettingsDifferenceTest, NamesWhatDiffers) {
  const ModelSettings before = ParseModelSettings(GetParam().before, "m").value();
  const ModelSettings now = ParseModelSettings(GetParam().now, "m").value();
  EXPECT_EQ(SettingsDifference(before, now), GetParam().difference);
  EXPECT_EQ(SameSettings(before, now), std::string(GetParam().before) == GetParam().now);
}

INSTANTIATE_TEST_SUITE_P(
    All, SettingsDifferenceTest,
    ::testing::Values(
        SettingsCase{"Same", "max_batch_size: 4", "max_batch_size: 4", ""},
        SettingsCase{"Changed", "max_batch_size: 4", "max_batch_size: 8",
                     "max_batch_size is 8 instead of 4"},
        SettingsCase{"Added", "", "max_batch_size: 8", "max_batch_size is 8, and was not set"},
        SettingsCase{"Removed", "max_batch_size: 4", "", "max_batch_size is no longer set"},
        SettingsCase{"Inside", "dynamic_batching { max_queue_delay_microseconds: 100 }",
                     "dynamic_batching { max_queue_delay_microseconds: 200 }",
                     "dynamic_batching.max_queue_delay_microseconds is 200 instead of 100"},
        SettingsCase{"AMessage", "", "dynamic_batching { max_queue_delay_microseconds: 200 }",
                     "dynamic_batching is set, and was not set"},
        SettingsCase{"Parameter", R"(parameters { key: "weights" value { string_value: "int8" } })",
                     R"(parameters { key: "weights" value { string_value: "float32" } })",
                     R"(parameter "weights" is "float32" instead of "int8")"},
        SettingsCase{"Repeated", "output { name: \"y\" }", "output { name: \"z\" }",
                     R"(output[0].name is "z" instead of "y")"},
        SettingsCase{
            "AMapWithNumbersForKeys",
            "dynamic_batching { priority_queue_policy { key: 1 value { max_queue_size: 10 } } }",
            "dynamic_batching { priority_queue_policy { key: 1 value { max_queue_size: 20 } } }",
            "dynamic_batching.priority_queue_policy[1].max_queue_size is 20 instead of 10"},
        SettingsCase{"AMapInside",
                     R"(model_warmup { name: "w" inputs { key: "x" value { dims: 1 } } })",
                     R"(model_warmup { name: "w" inputs { key: "x" value { dims: 2 } } })",
                     R"(model_warmup[0].inputs["x"].dims[0] is 2 instead of 1)"},
        SettingsCase{"LabelsAndPolicyAreOfTheModel",
                     R"(parameters { key: "version_label.a" value { string_value: "1" } })",
                     R"(parameters { key: "version_label.a" value { string_value: "2" } }
                        parameters { key: "version_label.b" value { string_value: "2" } }
                        version_policy { latest { num_versions: 1 } })",
                     ""}),
    [](const auto& param) { return param.param.name; });

TEST(SettingsDifferenceOfLabelsTest, ReportsLabelFiles) {
  ModelSettings before;
  before.labels = {{"zero", "one"}};
  ModelSettings now = before;
  now.labels[0][1] = "two";
  EXPECT_EQ(SettingsDifference(before, now), "the labels in the label files have changed");
  EXPECT_FALSE(SameSettings(before, now));
}

TEST(SettingsDifferenceOfManyTest, IsCut) {
  std::string outputs;
  for (int i = 0; i < 10; ++i) absl::StrAppend(&outputs, "output { name: \"y", i, "\" }\n");
  const std::string difference = SettingsDifference(ParseModelSettings("", "m").value(),
                                                    ParseModelSettings(outputs, "m").value());
  EXPECT_EQ(difference.substr(difference.size() - 12), "; and 2 more") << difference;
}

}  // namespace
}  // namespace mlp
