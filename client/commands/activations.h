// mlp-client activations: lists the activations of layers, or draws one. Does not use a server.

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
  std::string plot;                     // an activation's name; empty to list
  std::vector<std::string> parameters;  // each is NAME=VALUE
  std::string svg;                      // an output file; empty for none
};

// Adds the subcommand to `app`; `options` must outlive it.
CLI::App* AddActivationsCommand(CLI::App& app, ActivationsOptions& options);

// Prints the list, or draws one activation, on `streams.out`. NOT_FOUND if there is no such
// activation; INVALID_ARGUMENT if it has no curve, or no such parameter.
absl::Status RunActivations(const ActivationsOptions& options, Streams streams);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_ACTIVATIONS_H_
