// The server's log: one line an event, on standard error, as text or as JSON.

#ifndef MLP_SERVER_OBSERVE_LOG_H_
#define MLP_SERVER_OBSERVE_LOG_H_

#include <spdlog/logger.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace mlp {

enum class LogFormat { kText, kJson };

// The levels whose lines a log writes. Thread-safe; may be changed while lines are written.
class LogLevels final {
 public:
  // From `least` on.
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

// A logger that drops what `levels`, which must outlive it, does not show. It is safe to use from
// any thread. In both formats a line is UTF-8 and has no control characters, neither those of ASCII
// nor U+0080 to U+009F: they are escaped, and bytes that are no UTF-8 are replaced by U+FFFD. So no
// name in a file or a request can forge a line, and no terminal obeys one.
//
// It waits for nobody: lines that standard error does not take within a moment, as a full pipe that
// nobody reads, or not at all, as a pipe without a reader or a file on a full disk, are dropped and
// counted in `dropped`, which must outlive the logger. The next line that is taken comes behind one
// that says how many were dropped. A line has 4,000 bytes at most: a longer message is cut between
// two characters.
std::shared_ptr<spdlog::logger> MakeLogger(const LogLevels& levels, LogFormat format,
                                           std::atomic<std::int64_t>& dropped);

// A logger into the log of `logger`, of MakeLogger, whose lines no level hides: of the audit, which
// nobody is to switch off. It goes with the format of `logger`, and outlives it.
std::shared_ptr<spdlog::logger> LoggerOfAllLevels(const spdlog::logger& logger);

// The format of the lines that `logger`, of MakeLogger, writes from now on. Thread-safe.
void SetLogFormat(spdlog::logger& logger, LogFormat format);

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_LOG_H_
