#include "server/observe/log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <regex>
#include <string>

#include "model/utf8.h"

namespace mlp {
namespace {

constexpr char kTime[] = R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)";

// What a logger of `format` and level info writes for one message.
std::string Logged(LogFormat format, spdlog::level::level_enum level, const std::string& message) {
  ::testing::internal::CaptureStderr();
  std::atomic<std::int64_t> dropped = 0;
  const LogLevels levels(spdlog::level::info);
  MakeLogger(levels, format, dropped)->log(level, "{}", message);
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

TEST(LogTest, DropsMessagesBelowItsLevel) {
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
    EXPECT_TRUE(IsUtf8(line)) << line;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const auto byte = static_cast<unsigned char>(line[i]);
      const bool begins_c1 =
          byte == 0xC2 && i + 1 < line.size() && static_cast<unsigned char>(line[i + 1]) < 0xA0;
      EXPECT_FALSE(byte < 0x20 || byte == 0x7F || begins_c1) << line;
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
                                           "\xc2\x9b"
                                           "31mred",
                                           "first\xc2\x80last\xc2\x9f", "half a letter \xe2\x82",
                                           "overlong \xc0\x9b", "no UTF-8 \xff\xfe\x9b",
                                           "no UTF-8 \xff\n\xf0\x1b[31m", R"(","level":"error)",
                                           "{} {0} %s %n"));

TEST(LogTest, KeepsLettersBeyondAscii) {
  for (const LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
    EXPECT_THAT(Logged(format, spdlog::level::info, "mod\xc3\xa8le"),
                ::testing::HasSubstr("mod\xc3\xa8le"));
  }
}

// What both formats say of the same bytes.
struct ShownBytes {
  std::string message;
  std::string in_text;
  std::string in_json;
};

TEST(LogTest, EscapesControlCharactersAndReplacesInvalidUtf8) {
  const ShownBytes cases[] = {
      {"<\n>", R"(<\x0a>)", R"(<\n>)"},
      {"<\x7f>", R"(<\x7f>)", R"(<\u007f>)"},
      {"<\xc2\x80>", R"(<\x80>)", R"(<\u0080>)"},
      {"<\xc2\x9f>", R"(<\x9f>)", R"(<\u009f>)"},
      {"<\xc2\xa0>", "<\xc2\xa0>", "<\xc2\xa0>"},  // the first one behind them
      {"<\xff>", "<\xef\xbf\xbd>", "<\xef\xbf\xbd>"},
      {"<\xc3\xa8\xa8>", "<\xc3\xa8\xef\xbf\xbd>", "<\xc3\xa8\xef\xbf\xbd>"},
      {"<\xe2\x82>", "<\xef\xbf\xbd>", "<\xef\xbf\xbd>"},
  };
  for (const auto& [message, in_text, in_json] : cases) {
    EXPECT_THAT(Logged(LogFormat::kText, spdlog::level::info, message),
                ::testing::HasSubstr(in_text));
    EXPECT_THAT(Logged(LogFormat::kJson, spdlog::level::info, message),
                ::testing::HasSubstr(in_json));
  }
}

// Standard error without a reader, or on a full disk.
class UnreadLogTest : public ::testing::Test {
 protected:
  void SetUp() override { std::signal(SIGPIPE, SIG_IGN); }
  void TearDown() override {
    Redirect(standard_error_);
    close(standard_error_);
    std::signal(SIGPIPE, SIG_DFL);
  }
  static void Redirect(int descriptor) { ASSERT_EQ(dup2(descriptor, STDERR_FILENO), 2); }

  const int standard_error_ = dup(STDERR_FILENO);
  std::atomic<std::int64_t> dropped_ = 0;
  const LogLevels levels_{spdlog::level::info};
  std::shared_ptr<spdlog::logger> log_ = MakeLogger(levels_, LogFormat::kText, dropped_);
};

TEST_F(UnreadLogTest, CountsLinesLostWithoutAReaderAndReportsThemToTheNextReader) {
  int ends[2] = {};
  ASSERT_EQ(pipe(ends), 0);
  Redirect(ends[1]);
  close(ends[1]);
  close(ends[0]);
  log_->info("lost");
  log_->info("lost too");
  EXPECT_EQ(dropped_, 2);
  ASSERT_EQ(pipe(ends), 0);
  Redirect(ends[1]);
  log_->info("read");
  EXPECT_EQ(dropped_, 2);
  char text[1000] = {};
  EXPECT_GT(read(ends[0], text, sizeof(text) - 1), 0);
  EXPECT_TRUE(std::regex_match(
      text, std::regex(std::string(kTime) + " warning 2 log lines were dropped because standard " +
                       "error did not accept them\n" + kTime + " info read\n")))
      << text;
  close(ends[0]);
  close(ends[1]);
}

TEST_F(UnreadLogTest, HidesNoLineOfTheLoggerOfAllLevels) {
  int ends[2] = {};
  ASSERT_EQ(pipe(ends), 0);
  Redirect(ends[1]);
  LogLevels levels(spdlog::level::off);
  const auto hidden = MakeLogger(levels, LogFormat::kText, dropped_);
  const auto shown = LoggerOfAllLevels(*hidden);
  hidden->error("hidden");
  shown->info("shown");
  SetLogFormat(*hidden, LogFormat::kJson);
  shown->debug("shown too");
  char text[1000] = {};
  EXPECT_GT(read(ends[0], text, sizeof(text) - 1), 0);
  EXPECT_TRUE(
      std::regex_match(text, std::regex(std::string(kTime) + " info shown\n\\{\"time\":\"" + kTime +
                                        "\",\"level\":\"debug\",\"message\":\"shown too\"\\}\n")))
      << text;
  close(ends[0]);
  close(ends[1]);
}

TEST_F(UnreadLogTest, CountsLinesLostOnAFullDisk) {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  Redirect(full);
  close(full);
  log_->info("lost");
  EXPECT_EQ(dropped_, 1);
}

struct LongMessage {
  const char* name;
  std::string repeated;
  std::string in_text;  // as a text line shows one of them
};

void PrintTo(const LongMessage& message, std::ostream* out) { *out << message.name; }

class LongMessageTest : public ::testing::TestWithParam<LongMessage> {
 protected:
  // Enough of them for more than a line, after a beginning that moves where the line is cut.
  static std::string Message(int beginning) {
    std::string message(static_cast<std::size_t>(beginning), 'b');
    while (message.size() < 10'000) message += GetParam().repeated;
    return message;
  }
};

TEST_P(LongMessageTest, IsCutBetweenCharactersInACompleteLine) {
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
                      LongMessage{"c1", "\xc2\x9b", R"(\x9b)"},
                      LongMessage{"two_bytes", "\xc3\xa8", "\xc3\xa8"},
                      LongMessage{"three_bytes", "\xe2\x82\xac", "\xe2\x82\xac"},
                      LongMessage{"four_bytes", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"}),
    [](const auto& tested) { return tested.param.name; });

TEST(LogTest, CutsALongMessageOfInvalidUtf8) {
  for (const LogFormat format : {LogFormat::kText, LogFormat::kJson}) {
    const std::string line = Logged(format, spdlog::level::info, std::string(10'000, '\xff'));
    EXPECT_LE(line.size(), 4'000U);
    EXPECT_GT(line.size(), 3'990U);
    EXPECT_TRUE(IsUtf8(line)) << line;
    EXPECT_EQ(nlohmann::json::accept(line), format == LogFormat::kJson) << line;
  }
}

}  // namespace
}  // namespace mlp
