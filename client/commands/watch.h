// mlp-client watch: what a server's models do, live in a terminal.

#ifndef MLP_CLIENT_COMMANDS_WATCH_H_
#define MLP_CLIENT_COMMANDS_WATCH_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"
#include "client/commands/connection.h"

namespace mlp {

struct WatchOptions {
  std::string model;  // empty: all
  bool once = false;  // one page as text, for pipes
  double interval_seconds = 1.0;
};

// Adds the subcommand to `app`; `options` must outlive it.
CLI::App* AddWatchCommand(CLI::App& app, WatchOptions& options);

// Draws the server's status on the terminal each second until q or ctrl-C, or prints it once on
// `streams.out`. A server that does not answer meanwhile is said to be so, and asked again.
// FAILED_PRECONDITION where `streams.out` is no terminal and it is not asked for once; the errors
// of the first question are the server's.
absl::Status RunWatch(const WatchOptions& options, const ConnectionOptions& connection,
                      Streams streams);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_WATCH_H_
