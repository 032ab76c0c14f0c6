#include "server/repository/scheduling_settings.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>

namespace mlp {
namespace {

using std::chrono::microseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<Scheduling> SchedulingOf(const std::string& text) {
  inference::ModelConfig config;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &config)) << text;
  return ReadScheduling(config);
}

TEST(SchedulingSettingsTest, HasOneLevelWithoutLimitsByDefault) {
  const Scheduling scheduling = SchedulingOf("").value();
  ASSERT_EQ(scheduling.levels.size(), 1U);
  EXPECT_EQ(scheduling.default_level, 0U);
  EXPECT_EQ(scheduling.levels[0].default_timeout.count(), 0);
  EXPECT_EQ(scheduling.levels[0].max_queue_size, 0);
  EXPECT_FALSE(scheduling.levels[0].delay_on_timeout);
  EXPECT_EQ(scheduling.max_queue_delay.count(), 0);
  EXPECT_EQ(scheduling.instances, 0);
}

TEST(SchedulingSettingsTest, ReadsTheSettingsOfTritonsFiles) {
  const Scheduling scheduling = SchedulingOf(R"(
      max_batch_size: 64
      dynamic_batching {
        preferred_batch_size: [ 32, 16 ]
        max_queue_delay_microseconds: 100
        priority_levels: 3
        default_priority_level: 2
        default_queue_policy { timeout_action: DELAY default_timeout_microseconds: 5000
                               allow_timeout_override: true max_queue_size: 40 }
        priority_queue_policy { key: 1 value { max_queue_size: 7 } }
      }
      instance_group [ { count: 2 kind: KIND_CPU }, { kind: KIND_AUTO } ])")
                                    .value();
  EXPECT_THAT(scheduling.preferred_batch_rows, ElementsAre(16, 32));
  EXPECT_EQ(scheduling.max_queue_delay, microseconds(100));
  ASSERT_EQ(scheduling.levels.size(), 3U);
  EXPECT_EQ(scheduling.default_level, 1U);
  EXPECT_EQ(scheduling.levels[0].max_queue_size, 7);
  EXPECT_FALSE(scheduling.levels[0].delay_on_timeout);
  EXPECT_EQ(scheduling.levels[1].max_queue_size, 40);
  EXPECT_TRUE(scheduling.levels[2].delay_on_timeout);
  EXPECT_EQ(scheduling.levels[2].default_timeout, microseconds(5000));
  EXPECT_EQ(scheduling.instances, 3);
}

struct WrongScheduling {
  const char* text;
  const char* message_part;
};

TEST(SchedulingSettingsTest, NamesWhatIsWrong) {
  const WrongScheduling cases[] = {
      {"max_batch_size: 4 dynamic_batching { preferred_batch_size: 5 }",
       "preferred_batch_size has 5; expected 1 to max_batch_size, 4"},
      {"dynamic_batching { preferred_batch_size: 0 }",
       "preferred_batch_size has 0; expected at least 1"},
      {"dynamic_batching { max_queue_delay_microseconds: 3600000001 }",
       "max_queue_delay_microseconds is 3600000001; expected 0 to 3600000000"},
      {"dynamic_batching { priority_levels: 1025 default_priority_level: 1 }",
       "priority_levels is 1025"},
      {"dynamic_batching { priority_levels: 2 }", "default_priority_level is 0; expected 1 to 2"},
      {"dynamic_batching { default_priority_level: 1 }", "priority_levels is not set"},
      {"dynamic_batching { priority_queue_policy { key: 2 value { } } }",
       "the key of priority_queue_policy is 2; expected 1 to 1"},
      {"dynamic_batching { default_queue_policy { default_timeout_microseconds: 9999999999 } }",
       "default_queue_policy.default_timeout_microseconds is 9999999999"},
      {"instance_group { count: 2000 }", "instance_group.count is 2000"},
  };
  for (const auto& [text, message_part] : cases) {
    const absl::Status status = SchedulingOf(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(status.message(), HasSubstr(message_part));
  }
}

}  // namespace
}  // namespace mlp
