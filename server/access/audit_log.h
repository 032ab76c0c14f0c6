// The audit: lines of the log about admin calls and about refused calls. Each line has the caller,
// its address, the call and the result.
//
// A calling thread only hands over a record and never waits: a separate thread writes the lines.
// Unknown callers can cause only a few lines per second.

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

// One call. Contains no secret.
struct AuditRecord {
  std::string who;         // the caller's name; empty if unknown
  std::string from;        // the address of its connection
  std::string call;        // e.g. RepositoryModelLoad
  std::string model = {};  // named by the call; empty if none
  absl::Status result;
  bool is_of_known_caller = false;
};

// Thread-safe.
class AuditLog final {
 public:
  using Clock = std::chrono::steady_clock;

  // The most lines in an interval for admin calls that failed or whose caller is unknown.
  static constexpr std::int64_t kMaxBounded = 10;

  // The most admin calls waiting to be written, which bounds their memory.
  static constexpr std::size_t kMaxWaiting = 4096;

  // `log` must outlive this object. Throws std::system_error if no thread can be created.
  explicit AuditLog(spdlog::logger& log, Clock::duration interval = std::chrono::seconds(1));
  // Writes the lines that are still waiting.
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  // Queues the line "audit who=... from=... call=... result=...". A successful call of a known
  // caller is left out only if kMaxWaiting others are waiting. Calls that failed and calls of
  // unknown callers are left out beyond kMaxBounded in an interval; a line then says how many.
  void Record(AuditRecord record) ABSL_LOCKS_EXCLUDED(mutex_);

  // The same for a refused call, but at most one line in an interval, which says how many more
  // there were.
  void RecordRefusal(AuditRecord record) ABSL_LOCKS_EXCLUDED(mutex_);

  // Counts an admin call that has no line because memory ran out.
  void CountLeftOut() { left_out_.fetch_add(1); }

  // Admin calls without a line: those that failed or whose caller is unknown, and all others.
  std::int64_t left_out_by_rate() const { return left_out_by_rate_.load(); }
  std::int64_t left_out() const { return left_out_.load(); }

 private:
  // What the writing thread takes from the queue at one time.
  struct Work {
    std::vector<AuditRecord> records;
    std::int64_t more_bounded = 0;
    std::optional<AuditRecord> refusal;
    std::int64_t more_refusals = 0;
    bool stopping = false;
  };

  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  // Waits until there is something to write, and moves it into `work`.
  void Take(Work& work) ABSL_LOCKS_EXCLUDED(mutex_);
  void Write(const Work& work);
  void WriteLine(spdlog::level::level_enum level, const AuditRecord& record,
                 std::int64_t more_refusals = 0);

  spdlog::logger& log_;
  const Clock::duration interval_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<AuditRecord> records_ ABSL_GUARDED_BY(mutex_);
  std::int64_t bounded_ ABSL_GUARDED_BY(mutex_) = 0;  // in this interval
  std::int64_t more_bounded_ ABSL_GUARDED_BY(mutex_) = 0;
  std::optional<AuditRecord> refusal_ ABSL_GUARDED_BY(mutex_);  // the first since the last line
  std::int64_t more_refusals_ ABSL_GUARDED_BY(mutex_) = 0;
  Clock::time_point next_ ABSL_GUARDED_BY(mutex_) = Clock::time_point::min();  // next interval
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::atomic<std::int64_t> left_out_ = 0;
  std::atomic<std::int64_t> left_out_by_rate_ = 0;
  std::thread thread_;
};

// The text of a line, in words of key=value.
std::string AuditLine(const AuditRecord& record);

}  // namespace mlp

#endif  // MLP_SERVER_ACCESS_AUDIT_LOG_H_
