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

// A logger that drops what is below `level` and is safe to use from any thread. In both formats a
// line is UTF-8 and has no control characters, neither those of ASCII nor U+0080 to U+009F: they
// are escaped, and bytes that are no UTF-8 are replaced by U+FFFD. So no name in a file or a
// request can forge a line, and no terminal obeys one.
//
// It waits for nobody: lines that standard error does not take within a moment, as a full pipe that
// nobody reads, or not at all, as a pipe without a reader or a file on a full disk, are dropped and
// counted in `dropped`, which must outlive the logger. The next line that is taken comes behind one
// that says how many were dropped. A line has 4,000 bytes at most: a longer message is cut between
// two characters.
std::shared_ptr<spdlog::logger> MakeLogger(spdlog::level::level_enum level, LogFormat format,
                                           std::atomic<std::int64_t>& dropped);

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_LOG_H_
