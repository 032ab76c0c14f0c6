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

// A logger that drops what is below `level` and is safe to use from any thread. Control characters
// in a message are written as escapes in both formats, so that no name in a file or a request can
// forge a line.
//
// It waits for nobody: where standard error takes nothing for a moment, as a pipe that is full and
// not read, lines are dropped and counted in `dropped`, which must outlive the logger, and the next
// line that is taken comes behind one that says how many were. A line has 4,000 bytes at most: a
// longer message is cut between two characters, so that the line stays JSON, and UTF-8.
std::shared_ptr<spdlog::logger> MakeLogger(spdlog::level::level_enum level, LogFormat format,
                                           std::atomic<std::int64_t>& dropped);

}  // namespace mlp

#endif  // MLP_SERVER_OBSERVE_LOG_H_
