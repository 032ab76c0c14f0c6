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
                                           "no UTF-8 \xff\xfe\x9b", "no UTF-8 \xff\n\xf0\x1b[31m",
                                           R"(","level":"error)", "{} {0} %s %n"));

TEST(LogTest, KeepsLettersBeyondAscii) {
  for (const LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
    EXPECT_THAT(Logged(format, spdlog::level::info, "mod\xc3\xa8le"),
                ::testing::HasSubstr("mod\xc3\xa8le"));
  }
}

bool IsUtf8(const std::string& text) {
  try {
    return !nlohmann::json(text).dump().empty();
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

struct LongMessage {
  const char* name;
  std::string repeated;
  std::string in_text;  // as a text line shows one of them
};

class LongMessageTest : public ::testing::TestWithParam<LongMessage> {
 protected:
  // Enough of them for more than a line, after a beginning that moves where the line is cut.
  static std::string Message(int beginning) {
    std::string message(static_cast<std::size_t>(beginning), 'b');
    while (message.size() < 10'000) message += GetParam().repeated;
    return message;
  }
};

TEST_P(LongMessageTest, IsCutBetweenCharactersInALineThatIsWhole) {
  for (int beginning = 0; beginning < 6; ++beginning) {
    const std::string message = Message(beginning);
    const std::string json = Logged(LogFormat::kJson, spdlog::level::info, message);
    EXPECT_LE(json.size(), 4'000U);
    EXPECT_GT(json.size(), 3'990U);
    EXPECT_EQ(json.back(), '\n');
    const auto object = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
    ASSERT_TRUE(object.is_object()) << json;
    EXPECT_EQ(object.at("level"), "info");
    EXPECT_EQ(message.rfind(object.at("message").get<std::string>(), 0), 0U) << json;

    const std::string text = Logged(LogFormat::kText, spdlog::level::info, message);
    EXPECT_LE(text.size(), 4'000U);
    EXPECT_GT(text.size(), 3'990U);
    EXPECT_EQ(text.find('\n'), text.size() - 1);
    EXPECT_TRUE(IsUtf8(text)) << text;
    EXPECT_EQ(text.substr(text.size() - 1 - GetParam().in_text.size()), GetParam().in_text + "\n");
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, LongMessageTest,
    ::testing::Values(LongMessage{"letters", "a", "a"}, LongMessage{"quotes", "\"", "\""},
                      LongMessage{"lines", "\n", R"(\x0a)"}, LongMessage{"bells", "\a", R"(\x07)"},
                      LongMessage{"deletes", "\x7f", R"(\x7f)"},
                      LongMessage{"two_bytes", "\xc3\xa8", "\xc3\xa8"},
                      LongMessage{"three_bytes", "\xe2\x82\xac", "\xe2\x82\xac"},
                      LongMessage{"four_bytes", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"}),
    [](const auto& tested) { return tested.param.name; });

TEST(LogTest, CutsALongMessageThatIsNoUtf8) {
  const std::string json =
      Logged(LogFormat::kJson, spdlog::level::info, std::string(10'000, '\xff'));
  EXPECT_LE(json.size(), 4'000U);
  EXPECT_TRUE(nlohmann::json::accept(json)) << json;
}

}  // namespace
}  // namespace mlp
