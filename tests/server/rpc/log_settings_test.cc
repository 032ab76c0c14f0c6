#include "server/rpc/log_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace mlp {
namespace {

using inference::LogSettingsRequest;
using inference::LogSettingsResponse;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using SettingsMap = google::protobuf::Map<std::string, LogSettingsRequest::SettingValue>;
using Fill = std::function<void(SettingsMap&)>;

// Uses a log that really writes to standard error.
class LogSettingsTest : public ::testing::Test {
 protected:
  absl::Status Ask(const Fill& fill, LogSettingsResponse& response, bool may_change = true) {
    LogSettingsRequest request;
    fill(*request.mutable_settings());
    return AnswerLogSettings(may_change, control_, request, response);
  }

  // What is written if a line of each level is logged.
  std::string Written() {
    ::testing::internal::CaptureStderr();
    for (const auto level :
         {spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err}) {
      logger_->log(level, "line");
    }
    return ::testing::internal::GetCapturedStderr();
  }

  std::atomic<std::int64_t> dropped_ = 0;
  LogLevels levels_{spdlog::level::info};
  std::shared_ptr<spdlog::logger> logger_ = MakeLogger(levels_, LogFormat::kText, dropped_);
  LogControl control_{*logger_, levels_, LogFormat::kText};
};

TEST_F(LogSettingsTest, AreReadableByAnyClient) {
  LogSettingsResponse response;
  ASSERT_TRUE(Ask([](SettingsMap&) {}, response, /*may_change=*/false).ok());
  EXPECT_EQ(response.settings_size(), 6);
  EXPECT_EQ(response.settings().at("log_file").string_param(), "");
  EXPECT_TRUE(response.settings().at("log_info").bool_param());
  EXPECT_TRUE(response.settings().at("log_warning").bool_param());
  EXPECT_TRUE(response.settings().at("log_error").bool_param());
  EXPECT_EQ(response.settings().at("log_verbose_level").uint32_param(), 0U);
  EXPECT_EQ(response.settings().at("log_format").string_param(), "text");
}

TEST_F(LogSettingsTest, ApplyFromTheNextLineOn) {
  EXPECT_THAT(Written(), Not(HasSubstr("debug")));
  LogSettingsResponse response;
  ASSERT_TRUE(Ask(
                  [](SettingsMap& settings) {
                    settings["log_verbose_level"].set_uint32_param(3);
                    settings["log_info"].set_bool_param(false);
                    settings["log_error"];  // unchanged
                  },
                  response)
                  .ok());
  EXPECT_EQ(response.settings().at("log_verbose_level").uint32_param(), 3U);
  EXPECT_FALSE(response.settings().at("log_info").bool_param());
  EXPECT_TRUE(response.settings().at("log_error").bool_param());
  const std::string written = Written();
  EXPECT_THAT(written, HasSubstr(" debug line\n"));
  EXPECT_THAT(written, Not(HasSubstr(" info line\n")));
  EXPECT_THAT(written, HasSubstr(" warning line\n"));
  EXPECT_THAT(written, HasSubstr(" error line\n"));

  ASSERT_TRUE(Ask(
                  [](SettingsMap& settings) {
                    for (const char* const name : {"log_info", "log_warning", "log_error"}) {
                      settings[name].set_bool_param(false);
                    }
                    settings["log_verbose_level"].set_uint32_param(0);
                  },
                  response)
                  .ok());
  EXPECT_EQ(Written(), "");
}

TEST_F(LogSettingsTest, ChangeTheFormat) {
  for (const auto& [name, begin] :
       std::vector<std::pair<const char*, const char*>>{{"json", "{\"time\":\""},
                                                        {"default", "2"},
                                                        {"json", "{\"time\":\""},
                                                        {"ISO8601", "2"},
                                                        {"text", "2"}}) {
    LogSettingsResponse response;
    ASSERT_TRUE(
        Ask([&](SettingsMap& settings) { settings["log_format"].set_string_param(name); }, response)
            .ok());
    EXPECT_EQ(response.settings().at("log_format").string_param(),
              std::string(name) == "json" ? "json" : "text");
    EXPECT_THAT(Written(), StartsWith(begin)) << name;
  }
}

TEST_F(LogSettingsTest, AreReadOnlyIfModelsAre) {
  LogSettingsResponse response;
  const absl::Status status = Ask(
      [](SettingsMap& settings) { settings["log_info"].set_bool_param(false); }, response, false);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("--model-control"));
  EXPECT_THAT(Written(), HasSubstr(" info line\n"));
}

struct WrongSettingCase {
  const char* what;
  Fill fill;
};

void PrintTo(const WrongSettingCase& test_case, std::ostream* out) { *out << test_case.what; }

class WrongLogSettingTest : public LogSettingsTest,
                            public ::testing::WithParamInterface<WrongSettingCase> {};

TEST_P(WrongLogSettingTest, IsRefusedAndChangesNothing) {
  LogSettingsResponse response;
  const absl::Status status = Ask(
      [](SettingsMap& settings) {
        settings["log_error"].set_bool_param(false);  // this setting alone would be valid
        GetParam().fill(settings);
      },
      response);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << GetParam().what;
  EXPECT_THAT(std::string(status.message()), HasSubstr("expected")) << GetParam().what;
  EXPECT_THAT(Written(), HasSubstr(" error line\n")) << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    Values, WrongLogSettingTest,
    ::testing::Values(
        WrongSettingCase{"unknown", [](SettingsMap& s) { s["log_level"].set_bool_param(true); }},
        WrongSettingCase{"a file",
                         [](SettingsMap& s) { s["log_file"].set_string_param("/tmp/log"); }},
        WrongSettingCase{"a number as a flag",
                         [](SettingsMap& s) { s["log_info"].set_uint32_param(0); }},
        WrongSettingCase{"a flag as a number",
                         [](SettingsMap& s) { s["log_verbose_level"].set_bool_param(true); }},
        WrongSettingCase{"an unknown format",
                         [](SettingsMap& s) { s["log_format"].set_string_param("xml"); }},
        WrongSettingCase{"a format that is no text",
                         [](SettingsMap& s) { s["log_format"].set_bool_param(true); }}));

}  // namespace
}  // namespace mlp
