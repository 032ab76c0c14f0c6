// What every command of mlp-client needs: the server's address.

#ifndef MLP_CLIENT_COMMANDS_CONNECTION_H_
#define MLP_CLIENT_COMMANDS_CONNECTION_H_

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/client.h"
#include "client/commands/streams.h"

namespace mlp {

struct ConnectionOptions {
  std::string address = "127.0.0.1:8001";
  double timeout_seconds = 30.0;  // for each call
};

// Adds --address (MLP_ADDRESS) and --timeout to `app`. `options` must outlive it.
void AddConnectionOptions(CLI::App& app, ConnectionOptions& options);

// As Client::Create; also INVALID_ARGUMENT for a timeout outside of (0, 1e9] seconds.
absl::StatusOr<Client> Connect(const ConnectionOptions& options);

// `status` with `prefix` and ": " before its message.
absl::Status Annotate(const absl::Status& status, absl::string_view prefix);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_CONNECTION_H_
