#include "server/rpc/log_settings.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/quote.h"

namespace mlp {
namespace {

using SettingValue = inference::LogSettingsRequest::SettingValue;

absl::Status WrongSetting(absl::string_view name, absl::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat("the log setting '", name, "' has a wrong value; expected ", expected));
}

absl::Status TakeFlag(absl::string_view name, const SettingValue& value, bool& flag) {
  if (value.parameter_choice_case() != SettingValue::kBoolParam) {
    return WrongSetting(name, "true or false, as a bool_param");
  }
  flag = value.bool_param();
  return absl::OkStatus();
}

absl::Status TakeFormat(const SettingValue& value, LogFormat& format) {
  const std::string& name = value.string_param();
  // The latter two are Triton's: our text lines begin with an ISO 8601 time in any case.
  const bool is_text = name == "text" || name == "default" || name == "ISO8601";
  if (value.parameter_choice_case() != SettingValue::kStringParam || (!is_text && name != "json")) {
    return WrongSetting("log_format", "text or json, as a string_param");
  }
  format = is_text ? LogFormat::kText : LogFormat::kJson;
  return absl::OkStatus();
}

absl::Status TakeSetting(const std::string& name, const SettingValue& value,
                         LogSettings& settings) {
  if (name == "log_info") return TakeFlag(name, value, settings.info);
  if (name == "log_warning") return TakeFlag(name, value, settings.warning);
  if (name == "log_error") return TakeFlag(name, value, settings.error);
  if (name == "log_format") return TakeFormat(value, settings.format);
  if (name == "log_verbose_level") {
    if (value.parameter_choice_case() != SettingValue::kUint32Param) {
      return WrongSetting(name, "a whole number of 0 or more, as a uint32_param");
    }
    settings.verbose_level = value.uint32_param();
    return absl::OkStatus();
  }
  if (name == "log_file") {
    const bool is_none =
        value.parameter_choice_case() == SettingValue::kStringParam && value.string_param().empty();
    return is_none ? absl::OkStatus()
                   : absl::InvalidArgumentError(
                         "log_file cannot be set; expected '': the log is standard error");
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "the log setting ", Quote(name),
      " is unknown; expected log_info, log_warning, log_error, log_verbose_level or log_format"));
}

void FillLogSettings(const LogSettings& settings, inference::LogSettingsResponse& response) {
  auto& values = *response.mutable_settings();
  values["log_file"].set_string_param("");
  values["log_info"].set_bool_param(settings.info);
  values["log_warning"].set_bool_param(settings.warning);
  values["log_error"].set_bool_param(settings.error);
  values["log_verbose_level"].set_uint32_param(settings.verbose_level);
  values["log_format"].set_string_param(settings.format == LogFormat::kJson ? "json" : "text");
}

}  // namespace

absl::Status AnswerLogSettings(bool changes_are_taken, LogControl& log,
                               const inference::LogSettingsRequest& request,
                               inference::LogSettingsResponse& response) {
  const absl::StatusOr<LogSettings> settings = log.Update([&](LogSettings& changed) {
    for (const auto& [name, value] : request.settings()) {
      // Triton's clients send a setting without a value if they leave it as it is.
      if (value.parameter_choice_case() == SettingValue::PARAMETER_CHOICE_NOT_SET) continue;
      if (!changes_are_taken) {
        return absl::UnavailableError(
            "clients may only read the log settings, unless --model-control is explicit");
      }
      if (absl::Status status = TakeSetting(name, value, changed); !status.ok()) return status;
    }
    return absl::OkStatus();
  });
  if (!settings.ok()) return settings.status();
  FillLogSettings(*settings, response);
  return absl::OkStatus();
}

}  // namespace mlp
