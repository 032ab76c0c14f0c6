// mlp-client watch: shows a server's models live in a terminal.

#ifndef MLP_CLIENT_COMMANDS_WATCH_H_
#define MLP_CLIENT_COMMANDS_WATCH_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"
#include "client/commands/connection.h"

namespace mlp {

struct WatchOptions {
  std::string model;  // empty for all
  bool once = false;  // one page as text, for pipes
  double interval_seconds = 1.0;
};

// Adds the subcommand to `app`; `options` must outlive it.
CLI::App* AddWatchCommand(CLI::App& app, WatchOptions& options);

// Draws the server's status on the terminal every `interval_seconds` until q or Ctrl-C, or prints
// it once on `streams.out`. If the server stops answering, the screen says so, and it is asked
// again. FAILED_PRECONDITION if `streams.out` is not a terminal and `once` is false. Errors of the
// first request are the server's.
absl::Status RunWatch(const WatchOptions& options, const ConnectionOptions& connection,
                      Streams streams);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_WATCH_H_
