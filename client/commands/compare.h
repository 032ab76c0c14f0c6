// mlp-client compare: what storing a model's weights in fewer bits costs its answers, on given
// rows.

#ifndef MLP_CLIENT_COMMANDS_COMPARE_H_
#define MLP_CLIENT_COMMANDS_COMPARE_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"
#include "client/commands/streams.h"

namespace mlp {

struct CompareOptions {
  std::string path;
  std::string weights;      // a storage's name
  std::string input = "-";  // the rows: a file, or - for standard input
  bool json = false;
};

// Adds the subcommand to `app`; `options` must outlive it.
CLI::App* AddCompareCommand(CLI::App& app, CompareOptions& options);

// Prints, for each output, how far the answers are apart from those with weights of 32 bits.
// INVALID_ARGUMENT for an unknown storage, for a model of several inputs, and for rows that are not
// as wide as its input; else the readers' errors.
absl::Status RunCompare(const CompareOptions& options, Streams streams);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_COMPARE_H_
