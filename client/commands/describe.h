// mlp-client describe: a model's inputs, outputs and layers.

#ifndef MLP_CLIENT_COMMANDS_DESCRIBE_H_
#define MLP_CLIENT_COMMANDS_DESCRIBE_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "client/client.h"
#include "client/commands/connection.h"

namespace mlp {

struct DescribeOptions {
  std::string model;
  std::string version;  // empty for the default
  bool json = false;
};

// Adds the subcommand to `app`; `options` must outlive it.
CLI::App* AddDescribeCommand(CLI::App& app, DescribeOptions& options);

// Prints the description to `streams.out`.
absl::Status RunDescribe(const DescribeOptions& options, const ConnectionOptions& connection,
                         Streams streams);

// The output of RunDescribe, as text and as JSON. INTERNAL ("malformed answer") if the layers
// cannot be read. Thread-safe.
absl::StatusOr<std::string> DescriptionText(const ModelDescription& description);
absl::StatusOr<std::string> DescriptionJson(const ModelDescription& description);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_DESCRIBE_H_
