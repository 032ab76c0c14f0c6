// What the program does with --validate.

#ifndef MLP_SERVER_VALIDATE_H_
#define MLP_SERVER_VALIDATE_H_

#include <oneapi/tbb/task_arena.h>
#include <spdlog/logger.h>

#include "server/observe/metrics.h"
#include "server/options/server_options.h"
#include "server/stop_signals.h"

namespace mlp {

// Loads every model and serves none. Logs the outcome. Returns the exit code of the process; ends
// the process itself if a signal comes during a step of a load that takes too long.
int Validate(const ServerOptions& options, const StopSignals& signals, Metrics& metrics,
             tbb::task_arena& arena, spdlog::logger& log);

}  // namespace mlp

#endif  // MLP_SERVER_VALIDATE_H_
