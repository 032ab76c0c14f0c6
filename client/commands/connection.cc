#include "client/commands/connection.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace mlp {

void AddConnectionOptions(CLI::App& app, ConnectionOptions& options) {
  app.add_option("--address", options.address, "The server's gRPC address, host:port")
      ->envname("MLP_ADDRESS")
      ->capture_default_str();
  app.add_option("--timeout", options.timeout_seconds, "Seconds that one call may take")
      ->capture_default_str();
}

absl::StatusOr<Client> Connect(const ConnectionOptions& options) {
  // Not (outside): a NaN is refused as well.
  if (!(options.timeout_seconds > 0.0 && options.timeout_seconds <= 1e9)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--timeout is ", options.timeout_seconds,
                     "; expected more than 0 and at most 1e9 seconds"));
  }
  ClientOptions client_options;
  client_options.timeout =
      std::chrono::milliseconds(std::max(1LL, std::llround(options.timeout_seconds * 1000.0)));
  return Client::Create(options.address, client_options);
}

absl::Status Annotate(const absl::Status& status, absl::string_view prefix) {
  return {status.code(), absl::StrCat(prefix, ": ", status.message())};
}

}  // namespace mlp
