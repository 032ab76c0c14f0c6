// The log's settings, which clients read and change at run time: Triton's log settings.

#ifndef MLP_SERVER_OBSERVE_LOG_CONTROL_H_
#define MLP_SERVER_OBSERVE_LOG_CONTROL_H_

#include <spdlog/logger.h>

#include <cstdint>
#include <functional>
#include <mutex>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/observe/log.h"

namespace mlp {

// Each kind of line is set separately, as in Triton.
struct LogSettings {
  bool info = true;
  bool warning = true;
  bool error = true;
  std::uint32_t verbose_level = 0;  // from 1 on, shows debug lines
  LogFormat format = LogFormat::kText;

  friend bool operator==(const LogSettings&, const LogSettings&) = default;
};

// Thread-safe.
class LogControl final {
 public:
  // For the log that `logger`, made by MakeLogger, writes with `levels` in `format`. `logger` and
  // `levels` must outlive this object.
  LogControl(spdlog::logger& logger, LogLevels& levels, LogFormat format);

  // Calls `change` on a copy of the settings, one client at a time, and returns the new settings.
  // If `change` fails, nothing changes. New settings apply from the next line on. A change is
  // always logged, in the old format.
  absl::StatusOr<LogSettings> Update(const std::function<absl::Status(LogSettings&)>& change)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  spdlog::logger& logger_;
  LogLevels& levels_;
  std::mutex mutex_;
  LogSettings settings_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_LOG_CONTROL_H_
