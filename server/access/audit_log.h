// Lines of the log about admin calls, each, and about calls that were refused, one a second at
// most: who called, from where, what, and what came of it.
//
// Callers hand over what a line says. A thread of its own writes it, as standard error may keep a
// writer waiting.

#ifndef MLP_SERVER_ACCESS_AUDIT_LOG_H_
#define MLP_SERVER_ACCESS_AUDIT_LOG_H_

#include <spdlog/logger.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"

namespace mlp {

// One call. It holds no secret.
struct AuditRecord {
  std::string who;         // the caller's name; empty where that is not known
  std::string from;        // the address of its connection
  std::string call;        // such as RepositoryModelLoad
  std::string model = {};  // that it named; empty for none
  absl::Status result;
};

// Thread-safe.
class AuditLog final {
 public:
  using Clock = std::chrono::steady_clock;

  // Admin calls that wait to be written, at most. Beyond them, callers wait.
  static constexpr std::size_t kMostWaiting = 256;

  // `log` must outlive this. Throws std::system_error where no thread can be had.
  explicit AuditLog(spdlog::logger& log, Clock::duration interval = std::chrono::seconds(1));
  // Writes what waits to be written.
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  // Has a line written: "audit who=... from=... call=... result=...".
  void Tell(AuditRecord record) ABSL_LOCKS_EXCLUDED(mutex_);

  // The same of a call that was refused, with how many more there were behind it before it was written.
  void TellRefusal(AuditRecord record) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);

  spdlog::logger& log_;
  const Clock::duration interval_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable room_;
  std::vector<AuditRecord> records_ ABSL_GUARDED_BY(mutex_);
  std::optional<AuditRecord> refusal_ ABSL_GUARDED_BY(mutex_);  // the first since the last line
  std::int64_t more_refusals_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// The text of a line, as words of the form key=value.
std::string AuditLine(const AuditRecord& record);

}  // namespace mlp

#endif  // MLP_SERVER_ACCESS_AUDIT_LOG_H_
