// mlp-client models: lists the server's repository.

#ifndef MLP_CLIENT_COMMANDS_MODELS_H_
#define MLP_CLIENT_COMMANDS_MODELS_H_

#include <CLI/CLI.hpp>

#include "absl/status/status.h"
#include "client/commands/connection.h"

namespace mlp {

struct ModelsOptions {
  bool json = false;
};

// Adds the subcommand to `app`; `options` must outlive it.
CLI::App* AddModelsCommand(CLI::App& app, ModelsOptions& options);

// Lists every version of every model on `streams.out`, in the server's order.
absl::Status RunModels(const ModelsOptions& options, const ConnectionOptions& connection,
                       Streams streams);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_MODELS_H_
