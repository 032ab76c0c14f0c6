// mlp-client calibrate: makes the baseline that a model's drift is judged by, of rows that are known
// to be right.

#ifndef MLP_CLIENT_COMMANDS_CALIBRATE_H_
#define MLP_CLIENT_COMMANDS_CALIBRATE_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/commands/connection.h"

namespace mlp {

struct CalibrateOptions {
  std::string model;                         // a path, or the name of a server's model
  std::string version;                       // of a server's model; empty: the default one
  std::vector<std::string> inputs;           // files, one after the other; none: standard input
  std::string input_format = "auto";
  std::string output;    // empty: baseline.safetensors beside the model's file
  bool install = false;  // whether the server is to judge by it at once
};

// Adds the subcommand to `app`; `options` must outlive it.
CLI::App* AddCalibrateCommand(CLI::App& app, CalibrateOptions& options);

// Reads the rows, evaluates them here (a model's file) or has the server do so (a model's name),
// writes the baseline's file, and prints what it holds. Warnings go to `streams.err`. Ctrl-C ends
// it at any time: the server gives up too, and no half a file is left. INVALID_ARGUMENT for rows that do not fit the model or are
// too few, else the readers' errors and the server's.
absl::Status RunCalibrate(const CalibrateOptions& options, const ConnectionOptions& connection,
                          Streams streams);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_CALIBRATE_H_
