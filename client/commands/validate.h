// mlp-client validate: whether a model file would be served, and if not, why.

#ifndef MLP_CLIENT_COMMANDS_VALIDATE_H_
#define MLP_CLIENT_COMMANDS_VALIDATE_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"
#include "client/commands/streams.h"

namespace mlp {

struct ValidateOptions {
  std::string path;
};

// Adds the subcommand to `app`; `options` must outlive it.
CLI::App* AddValidateCommand(CLI::App& app, ValidateOptions& options);

// Prints "OK", and a line per warning, to `streams.out`. Returns the reader's error if the model is
// refused.
absl::Status RunValidate(const ValidateOptions& options, Streams streams);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_VALIDATE_H_
