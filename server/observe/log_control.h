// What the log shows, as clients read and change it while the server runs: Triton's log settings.

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

// Each kind of lines by itself, as Triton has them.
struct LogSettings {
  bool info = true;
  bool warning = true;
  bool error = true;
  std::uint32_t verbose_level = 0;  // from 1 on, debug lines
  LogFormat format = LogFormat::kText;

  friend bool operator==(const LogSettings&, const LogSettings&) = default;
};

// Thread-safe.
class LogControl final {
 public:
  // Of the log that `logger`, of MakeLogger, writes with `levels` in `format`; both must outlive
  // this.
  LogControl(spdlog::logger& logger, LogLevels& levels, LogFormat format);

  // Has `change` change them, one client at a time, and gives what they are then; with an error,
  // they stay. They hold from the next line on. The log tells of a change, by the settings before.
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
