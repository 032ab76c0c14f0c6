// mlp-client activations: what a layer's activation can be, and how each looks. Asks no server.

#ifndef MLP_CLIENT_COMMANDS_ACTIVATIONS_H_
#define MLP_CLIENT_COMMANDS_ACTIVATIONS_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/commands/streams.h"
#include "model/activations/activation.h"

namespace mlp {

struct ActivationsOptions {
  bool json = false;
  double epsilon = kDefaultSaturationEpsilon;
  std::string plot;                     // an activation's name; empty for the list
  std::vector<std::string> parameters;  // NAME=VALUE each
  std::string svg;                      // a file to write; empty for none
};

// Adds the subcommand to `app`; `options` must outlive it.
CLI::App* AddActivationsCommand(CLI::App& app, ActivationsOptions& options);

// Prints the list, or draws one activation, on `streams.out`. NOT_FOUND where there is none of that
// name; INVALID_ARGUMENT where it has no curve, or not such a parameter.
absl::Status RunActivations(const ActivationsOptions& options, Streams streams);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_ACTIVATIONS_H_
