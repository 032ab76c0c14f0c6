// What every command of mlp-client needs: the server's address and the streams to talk through.

#ifndef MLP_CLIENT_COMMANDS_CONNECTION_H_
#define MLP_CLIENT_COMMANDS_CONNECTION_H_

#include <CLI/CLI.hpp>
#include <istream>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/client.h"

namespace mlp {

struct ConnectionOptions {
  std::string address = "127.0.0.1:8001";
  double timeout_seconds = 30.0;  // for each call
};

// Standard input, output and error, or a test's.
struct Streams {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
};

// What the process ends with.
inline constexpr int kExitDone = 0;
inline constexpr int kExitNotServing = 1;
inline constexpr int kExitError = 2;

// Adds --address (MLP_ADDRESS) and --timeout to `app`. `options` must outlive it.
void AddConnectionOptions(CLI::App& app, ConnectionOptions& options);

// As Client::Create; also INVALID_ARGUMENT for a timeout outside of (0, 1e9] seconds.
absl::StatusOr<Client> Connect(const ConnectionOptions& options);

// `status` with `prefix` and ": " before its message.
absl::Status Annotate(const absl::Status& status, absl::string_view prefix);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_CONNECTION_H_
