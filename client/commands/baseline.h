// mlp-client baseline and accept-windows: the baselines that a server's models are judged by.

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
  std::string version;  // empty for the default
  std::string output;   // the output file; empty for none
};

// Each function adds its subcommand to `app`; `options` must outlive it.
CLI::App* AddBaselineCommand(CLI::App& app, BaselineOptions& options);
CLI::App* AddAcceptWindowsCommand(CLI::App& app, BaselineOptions& options);

// RunBaseline prints the content of the baseline in force. RunAcceptWindows makes the server use
// its windows so far as the reference, and prints the new baseline. Both write the file to
// --output. Errors are the server's, and those of write_file.h; file errors that can be detected
// early are returned before the server is asked.
absl::Status RunBaseline(const BaselineOptions& options, const ConnectionOptions& connection,
                         Streams streams);
absl::Status RunAcceptWindows(const BaselineOptions& options, const ConnectionOptions& connection,
                              Streams streams);

// Writes a received baseline to `output`, if that is not empty, and prints its content and where it
// was written. If it cannot be written but is `in_force` on the server, the error says so.
absl::Status WriteAndPrintBaseline(const BaselineFile& baseline, const std::string& output,
                                   bool in_force, Streams streams);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_BASELINE_H_
