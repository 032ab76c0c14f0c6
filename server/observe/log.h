// The server's log: one line per event on standard error, as text or JSON.

#ifndef MLP_SERVER_OBSERVE_LOG_H_
#define MLP_SERVER_OBSERVE_LOG_H_

#include <spdlog/logger.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace mlp {

enum class LogFormat { kText, kJson };

// The levels that a log writes. Thread-safe; may change while lines are written.
class LogLevels final {
 public:
  // Shows `least` and all levels above it.
  explicit LogLevels(spdlog::level::level_enum least) {
    for (int level = least; level < spdlog::level::off; ++level) {
      Show(static_cast<spdlog::level::level_enum>(level), true);
    }
  }

  bool Shows(spdlog::level::level_enum level) const {
    return (bits_.load(std::memory_order_relaxed) & BitOf(level)) != 0;
  }
  void Show(spdlog::level::level_enum level, bool shown) {
    if (shown) {
      bits_.fetch_or(BitOf(level), std::memory_order_relaxed);
    } else {
      bits_.fetch_and(~BitOf(level), std::memory_order_relaxed);
    }
  }

 private:
  static unsigned BitOf(spdlog::level::level_enum level) { return 1U << static_cast<int>(level); }

  std::atomic<unsigned> bits_ = 0;
};

// A logger that drops the levels that `levels` does not show. Safe to use from any thread. `levels`
// and `dropped` must outlive it.
//
// In both formats a line is UTF-8 without control characters, neither ASCII's nor U+0080 to U+009F:
// these are escaped, and invalid UTF-8 is replaced by U+FFFD. So no name in a file or a request can
// forge a line or control a terminal.
//
// The logger never blocks for long. A line is dropped and counted in `dropped` if standard error
// does not accept it within a moment (a full pipe) or at all (a pipe without a reader, a full
// disk). The next line that is written follows a line saying how many were dropped. A line has at
// most 4,000 bytes; a longer message is cut between two characters.
std::shared_ptr<spdlog::logger> MakeLogger(const LogLevels& levels, LogFormat format,
                                           std::atomic<std::int64_t>& dropped);

// A logger into the log of `logger`, which MakeLogger made. No level hides its lines: they are the
// audit's, which nobody may switch off. It takes the format of `logger`, and may outlive it.
std::shared_ptr<spdlog::logger> LoggerOfAllLevels(const spdlog::logger& logger);

// Sets the format of all further lines of `logger`, which MakeLogger made. Thread-safe.
void SetLogFormat(spdlog::logger& logger, LogFormat format);

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_LOG_H_
