#include "server/observe/log_control.h"

namespace mlp {

LogControl::LogControl(spdlog::logger& logger, LogLevels& levels, LogFormat format)
    : logger_(logger), levels_(levels) {
  settings_.info = levels.Shows(spdlog::level::info);
  settings_.warning = levels.Shows(spdlog::level::warn);
  settings_.error = levels.Shows(spdlog::level::err);
  settings_.verbose_level = levels.Shows(spdlog::level::debug) ? 1 : 0;
  settings_.format = format;
}

absl::StatusOr<LogSettings> LogControl::Update(
    const std::function<absl::Status(LogSettings&)>& change) {
  const std::lock_guard lock(mutex_);
  LogSettings settings = settings_;
  if (absl::Status status = change(settings); !status.ok()) return status;
  if (settings == settings_) return settings;
  // Log the change at info level whatever the settings before and after.
  levels_.Show(spdlog::level::info, true);
  logger_.info(
      "a client changes the log's settings: info {}, warning {}, error {}, verbose level {}, "
      "format {}",
      settings.info, settings.warning, settings.error, settings.verbose_level,
      settings.format == LogFormat::kJson ? "json" : "text");
  settings_ = settings;
  levels_.Show(spdlog::level::debug, settings.verbose_level > 0);
  levels_.Show(spdlog::level::info, settings.info);
  levels_.Show(spdlog::level::warn, settings.warning);
  levels_.Show(spdlog::level::err, settings.error);
  SetLogFormat(logger_, settings.format);
  return settings;
}

}  // namespace mlp
