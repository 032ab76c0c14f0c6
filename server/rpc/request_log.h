// Lines of the log about requests that were slow or failed: a sample, with where the time went, and
// the trace that the request belongs to.
//
// Serving threads decide whether a line is due and hand over what it says. A thread of its own
// writes it, as standard error may keep a writer waiting.

#ifndef MLP_SERVER_RPC_REQUEST_LOG_H_
#define MLP_SERVER_RPC_REQUEST_LOG_H_

#include <spdlog/logger.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "server/observe/log.h"
#include "server/observe/trace_id.h"
#include "server/served_models/served_model.h"

namespace mlp {

// What a line says of one request.
struct RequestRecord {
  using Duration = std::chrono::steady_clock::duration;

  std::shared_ptr<const ServedModel> model;  // null where the request names none that is served
  std::int64_t rows = 0;                     // 0 where that is not known
  absl::Status status;
  Duration total{0};            // from its arrival to its answer, or to its refusal
  Duration queue{0};            // until its last batch began
  Duration compute{0};          // of that batch
  std::int64_t batch_rows = 0;  // of that batch; 0 where the request was not evaluated
  TraceId trace;
  std::string id;
};

// Thread-safe.
class RequestLog final {
 public:
  using Clock = std::chrono::steady_clock;

  // How often there is a line of each kind, at most: of requests that the server was slow to answer
  // or failed, and of those that their clients got wrong. So a client that sends nonsense hides
  // nothing.
  static constexpr Clock::duration kInterval = std::chrono::seconds(1);

  // A request is slow from `slow` on; 0 for no lines at all. The other two must outlive this.
  // Throws std::system_error where no thread can be had.
  RequestLog(spdlog::logger& log, const LogLevels& levels, std::chrono::milliseconds slow,
             Clock::duration interval = kInterval);
  // Writes what waits to be written.
  ~RequestLog();
  RequestLog(const RequestLog&) = delete;
  RequestLog& operator=(const RequestLog&) = delete;

  // Whether Write is to be called for a request that took `total` and was answered with `code`.
  // Then it is the next one of its kind; if a line of that is not due yet, the request is counted
  // as left out. Takes a few comparisons, and for a request that is slow or failed an atomic
  // exchange.
  bool Wants(Clock::duration total, absl::StatusCode code);

  // Has the line written. Drops it without memory.
  void Write(RequestRecord record) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  enum Kind : std::size_t { kOurs, kClients, kKinds };

  static Kind KindOf(absl::StatusCode code);
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  void WriteLine(const RequestRecord& record);

  spdlog::logger& log_;
  const LogLevels& levels_;
  const Clock::duration slow_;
  const Clock::duration interval_;

  struct Limit {
    std::atomic<Clock::rep> next{Clock::time_point::min().time_since_epoch().count()};
    std::atomic<std::int64_t> left_out{0};
  };
  std::array<Limit, kKinds> limits_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::array<std::optional<RequestRecord>, kKinds> waiting_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// The text of a line, as words of the form key=value: those with other characters than letters,
// digits and a few signs in quotes, as in logfmt. `left_out`: how many requests of this kind had no
// line since the last.
std::string RequestLine(const RequestRecord& record, std::int64_t left_out);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_REQUEST_LOG_H_
