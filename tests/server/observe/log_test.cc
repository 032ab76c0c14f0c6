#include "server/observe/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

namespace mlp {
namespace {

constexpr char kTime[] = R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)";

// What a logger of `format` and level info writes for one message.
std::string Logged(LogFormat format, spdlog::level::level_enum level, const std::string& message) {
  ::testing::internal::CaptureStderr();
  std::atomic<std::int64_t> dropped = 0;
  MakeLogger(spdlog::level::info, format, dropped)->log(level, "{}", message);
  return ::testing::internal::GetCapturedStderr();
}

TEST(LogTest, WritesTextWithTimeAndLevel) {
  const std::string line = Logged(LogFormat::kText, spdlog::level::warn, "model 'a' is \"slow\"");
  EXPECT_TRUE(
      std::regex_match(line, std::regex(std::string(kTime) + " warning model 'a' is \"slow\"\n")))
      << line;
}

TEST(LogTest, WritesJsonWithTimeLevelAndMessageInThisOrder) {
  const std::string line = Logged(LogFormat::kJson, spdlog::level::err, "model 'a' is \"slow\"");
  EXPECT_TRUE(std::regex_match(
      line, std::regex(std::string(R"(\{"time":")") + kTime +
                       R"(","level":"error","message":"model 'a' is \\"slow\\""\}\n)")))
      << line;
}

TEST(LogTest, DropsWhatIsBelowItsLevel) {
  for (const LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
    EXPECT_EQ(Logged(format, spdlog::level::debug, "detail"), "");
    EXPECT_NE(Logged(format, spdlog::level::info, "event"), "");
  }
}

class HostileMessageTest : public ::testing::TestWithParam<std::string> {};

TEST_P(HostileMessageTest, StaysOneLineWithoutControlCharacters) {
  for (const LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
    std::string line = Logged(format, spdlog::level::info, GetParam());
    ASSERT_FALSE(line.empty());
    EXPECT_EQ(line.back(), '\n');
    line.pop_back();
    for (const char c : line) {
      EXPECT_FALSE(static_cast<unsigned char>(c) < 0x20 || c == 0x7F) << line;
    }
  }
  const std::string json = Logged(LogFormat::kJson, spdlog::level::info, GetParam());
  EXPECT_FALSE(nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false).is_discarded())
      << json;
}

INSTANTIATE_TEST_SUITE_P(All, HostileMessageTest,
                         ::testing::Values("forged\n2030-01-01T00:00:00Z info all is well",
                                           "carriage\rreturn", "\x1b[31mred",
                                           std::string("a\0b", 3), "del\x7f", "tab\t",
                                           "no UTF-8 \xff\xfe\x9b", R"(","level":"error)",
                                           "{} {0} %s %n"));

TEST(LogTest, KeepsLettersBeyondAscii) {
  for (const LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
    EXPECT_THAT(Logged(format, spdlog::level::info, "mod\xc3\xa8le"),
                ::testing::HasSubstr("mod\xc3\xa8le"));
  }
}

}  // namespace
}  // namespace mlp
