// mlp-client health: reports whether the server, or one model, is serving.

#ifndef MLP_CLIENT_COMMANDS_HEALTH_H_
#define MLP_CLIENT_COMMANDS_HEALTH_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "client/commands/connection.h"

namespace mlp {

struct HealthOptions {
  std::string service;  // "" for the whole server, or a model's name
  double wait_seconds = 0.0;
};

// Adds the subcommand to `app`; `options` must outlive it.
CLI::App* AddHealthCommand(CLI::App& app, HealthOptions& options);

// Prints "serving" or "not serving" to `streams.out` and returns kExitDone or kExitNotServing. With
// wait_seconds, asks again until it is serving or the time is up, even if the server cannot be
// reached or does not know the service yet. Any other error ends it immediately.
absl::StatusOr<int> RunHealth(const HealthOptions& options, const ConnectionOptions& connection,
                              Streams streams);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_HEALTH_H_
