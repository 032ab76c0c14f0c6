// mlp-client compare: how much a model's answers change on given rows if its weights are stored in
// fewer bits.

#ifndef MLP_CLIENT_COMMANDS_COMPARE_H_
#define MLP_CLIENT_COMMANDS_COMPARE_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"
#include "client/commands/streams.h"

namespace mlp {

struct CompareOptions {
  std::string path;
  std::string weights;      // the name of a weight storage
  std::string input = "-";  // the rows: a file, or - for standard input
  bool json = false;
};

// Adds the subcommand to `app`; `options` must outlive it.
CLI::App* AddCompareCommand(CLI::App& app, CompareOptions& options);

// Prints, for each output, how much its answers differ from those with 32-bit weights.
// INVALID_ARGUMENT for an unknown storage, for a model with several inputs, and if the rows differ
// in width from the input; otherwise the readers' errors.
absl::Status RunCompare(const CompareOptions& options, Streams streams);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_COMPARE_H_
