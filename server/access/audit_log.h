// Lines of the log about who may do what: about admin calls, and about calls that were refused.
// Each line says who called, from where, what, and what came of it.
//
// Callers hand over what a line says, and never wait: a thread of its own writes the lines.
// Strangers can cause only a few lines a second.

#ifndef MLP_SERVER_ACCESS_AUDIT_LOG_H_
#define MLP_SERVER_ACCESS_AUDIT_LOG_H_

#include <spdlog/logger.h>

#include <atomic>
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
  bool is_of_known_caller = false;
};

// Thread-safe.
class AuditLog final {
 public:
  using Clock = std::chrono::steady_clock;

  // Lines of calls that failed, or that anybody may make, in an interval, at most.
  static constexpr std::int64_t kMostOfAnybody = 10;

  // Admin calls that wait to be written, at most. It bounds the memory that they take.
  static constexpr std::size_t kMostWaiting = 4096;

  // `log` must outlive this. Throws std::system_error where no thread can be had.
  explicit AuditLog(spdlog::logger& log, Clock::duration interval = std::chrono::seconds(1));
  // Writes what waits to be written.
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  // Has a line written: "audit who=... from=... call=... result=...". A call of a known caller that
  // was made is left out only if kMostWaiting others wait. Calls that failed and calls of anybody
  // are left out beyond kMostOfAnybody; a line then tells how many.
  void Tell(AuditRecord record) ABSL_LOCKS_EXCLUDED(mutex_);

  // The same of a call that was refused: one line in an interval, which tells how many more there
  // were.
  void TellRefusal(AuditRecord record) ABSL_LOCKS_EXCLUDED(mutex_);

  // Counts an admin call that has no line for want of memory.
  void CountLeftOut() { left_out_.fetch_add(1); }

  // Admin calls without a line: those that failed or that anybody made, and all others.
  std::int64_t left_out_of_anybody() const { return left_out_of_anybody_.load(); }
  std::int64_t left_out() const { return left_out_.load(); }

 private:
  // What one look of the thread takes to write.
  struct Work {
    std::vector<AuditRecord> records;
    std::int64_t more_of_anybody = 0;
    std::optional<AuditRecord> refusal;
    std::int64_t more_refusals = 0;
    bool stopping = false;
  };

  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  // Waits until there is something to write, and takes it.
  void Take(Work& work) ABSL_LOCKS_EXCLUDED(mutex_);
  void Write(const Work& work);
  void WriteLine(spdlog::level::level_enum level, const AuditRecord& record,
                 std::int64_t more_refusals = 0);

  spdlog::logger& log_;
  const Clock::duration interval_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<AuditRecord> records_ ABSL_GUARDED_BY(mutex_);
  std::int64_t of_anybody_ ABSL_GUARDED_BY(mutex_) = 0;  // in this interval
  std::int64_t more_of_anybody_ ABSL_GUARDED_BY(mutex_) = 0;
  std::optional<AuditRecord> refusal_ ABSL_GUARDED_BY(mutex_);  // the first since the last line
  std::int64_t more_refusals_ ABSL_GUARDED_BY(mutex_) = 0;
  Clock::time_point next_ ABSL_GUARDED_BY(mutex_) = Clock::time_point::min();  // interval
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::atomic<std::int64_t> left_out_ = 0;
  std::atomic<std::int64_t> left_out_of_anybody_ = 0;
  std::thread thread_;
};

// The text of a line, as words of the form key=value.
std::string AuditLine(const AuditRecord& record);

}  // namespace mlp

#endif  // MLP_SERVER_ACCESS_AUDIT_LOG_H_
