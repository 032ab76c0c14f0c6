// mlp-client baseline and accept-windows: what a server's models are judged by.

#ifndef MLP_CLIENT_COMMANDS_BASELINE_H_
#define MLP_CLIENT_COMMANDS_BASELINE_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"
#include "client/client.h"
#include "client/commands/connection.h"

namespace mlp {

struct BaselineOptions {
  std::string model;
  std::string version;  // empty: the default one
  std::string output;   // where the file goes; empty: nowhere
};

// Each adds its subcommand to `app`; `options` must outlive it.
CLI::App* AddBaselineCommand(CLI::App& app, BaselineOptions& options);
CLI::App* AddAcceptWindowsCommand(CLI::App& app, BaselineOptions& options);

// Prints what the baseline in force holds, or has the server take its windows so far as the
// reference and prints the new one; writes the file where --output says. The errors are the
// server's, and those of write_file.h: before the server is asked, as far as it can be told then.
absl::Status RunBaseline(const BaselineOptions& options, const ConnectionOptions& connection,
                         Streams streams);
absl::Status RunAcceptWindows(const BaselineOptions& options, const ConnectionOptions& connection,
                              Streams streams);

// Writes a baseline that has come to `output`, if that is not empty, prints what it holds and where
// it went. Where it cannot be written and is `in_force` on the server already, the error says so.
absl::Status TellBaseline(const BaselineFile& baseline, const std::string& output, bool in_force,
                          Streams streams);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_BASELINE_H_
