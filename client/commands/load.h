// mlp-client load and unload: select which models of its repository the server serves.

#ifndef MLP_CLIENT_COMMANDS_LOAD_H_
#define MLP_CLIENT_COMMANDS_LOAD_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/status.h"
#include "client/commands/connection.h"

namespace mlp {

struct LoadModelOptions {
  std::string model;
};

// Each function adds its subcommand to `app`; `options` must outlive it.
CLI::App* AddLoadCommand(CLI::App& app, LoadModelOptions& options);
CLI::App* AddUnloadCommand(CLI::App& app, LoadModelOptions& options);

// Each function asks the server, waits until it is done, and reports it on `streams.out`. Errors
// are the server's.
absl::Status RunLoad(const LoadModelOptions& options, const ConnectionOptions& connection,
                     Streams streams);
absl::Status RunUnload(const LoadModelOptions& options, const ConnectionOptions& connection,
                       Streams streams);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_LOAD_H_
