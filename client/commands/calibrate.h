// mlp-client calibrate: makes a baseline, by which a model's drift is judged, from rows that are
// known to be good.

#ifndef MLP_CLIENT_COMMANDS_CALIBRATE_H_
#define MLP_CLIENT_COMMANDS_CALIBRATE_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/commands/connection.h"

namespace mlp {

struct CalibrateOptions {
  std::string model;                // a path, or the name of a server's model
  std::string version;              // of a server's model; empty for the default
  std::vector<std::string> inputs;  // files, read in turn; empty for standard input
  std::string input_format = "auto";
  std::string output;    // empty: baseline.safetensors beside the model's file
  bool install = false;  // whether the server judges by it immediately
};

// Adds the subcommand to `app`; `options` must outlive it.
CLI::App* AddCalibrateCommand(CLI::App& app, CalibrateOptions& options);

// Reads the rows, evaluates them here (for a model's file) or on the server (for a model's name),
// writes the baseline's file, and prints its content. Warnings go to `streams.err`. Ctrl-C ends it
// at any time: the server stops too, and no partial file is left. INVALID_ARGUMENT if the rows do
// not fit the model or are too few; otherwise the readers' and the server's errors.
absl::Status RunCalibrate(const CalibrateOptions& options, const ConnectionOptions& connection,
                          Streams streams);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_CALIBRATE_H_
