// Log lines about requests that were slow or failed: a sample, with where the time went and the
// trace that the request belongs to.
//
// Serving threads decide whether a line is due and pass on what it says. A separate thread writes
// it, because standard error may block a writer.

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

  std::shared_ptr<const ServedModel> model;  // null if the request names none that is served
  std::int64_t rows = 0;                     // 0 if unknown
  absl::Status status;
  Duration total{0};            // from its arrival to its answer, or to its refusal
  Duration queue{0};            // until its last batch began
  Duration compute{0};          // of that batch
  std::int64_t batch_rows = 0;  // of that batch; 0 if the request was not evaluated
  TraceId trace;
  std::string id;
};

// Thread-safe.
class RequestLog final {
 public:
  using Clock = std::chrono::steady_clock;

  // The shortest time between two lines of a kind. One kind is requests that the server was slow to
  // answer or failed, the other is requests that their clients got wrong. So a client that sends
  // nonsense hides nothing.
  static constexpr Clock::duration kInterval = std::chrono::seconds(1);

  // A request is slow from `slow` on; 0 for no lines at all. `log` and `levels` must outlive this.
  // Throws std::system_error if no thread can be created.
  RequestLog(spdlog::logger& log, const LogLevels& levels, std::chrono::milliseconds slow,
             Clock::duration interval = kInterval);
  // Writes the lines that still wait.
  ~RequestLog();
  RequestLog(const RequestLog&) = delete;
  RequestLog& operator=(const RequestLog&) = delete;

  // Whether to call Write for a request that took `total` and was answered with `code`. If no line
  // of its kind is due yet, the request is counted as left out. Takes a few comparisons and, for a
  // slow or failed request, an atomic exchange.
  bool Wants(Clock::duration total, absl::StatusCode code);

  // Has the line written. Drops it if the previous one still waits, or if there is no memory.
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

// The text of a line, as words of the form key=value. As in logfmt, a value with other characters
// than letters, digits and a few signs is in quotes. `left_out`: how many requests of this kind
// have had no line since the last one.
std::string RequestLine(const RequestRecord& record, std::int64_t left_out);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_REQUEST_LOG_H_
