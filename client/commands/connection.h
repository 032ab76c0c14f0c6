// What all server commands of mlp-client share: the server's address and the credentials.

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
  double timeout_seconds = 30.0;  // per call

  // Any of these except `token_file` turns on TLS. All but `tls` and the name are paths.
  bool tls = false;
  std::string tls_ca;  // empty: the system's authorities
  std::string tls_cert;
  std::string tls_key;
  std::string tls_server_name;
  std::string token_file;
};

// Adds --address, --timeout, --tls, the --tls-... options and --token-file to `app`. All except
// --timeout can also come from the environment. `options` must outlive `app`.
void AddConnectionOptions(CLI::App& app, ConnectionOptions& options);

// Reads the files named in `options`. Returns the errors of ReadClientTls, ReadClientToken and
// CheckClientCredentials, each naming the option, and the variable if the setting came from one;
// also INVALID_ARGUMENT if OpenSSL cannot read a certificate or key, or if they do not belong
// together.
absl::StatusOr<ClientCredentials> ReadCredentials(const ConnectionOptions& options);

// Client::Create with the result of ReadCredentials. Also INVALID_ARGUMENT if the timeout is not in
// (0, 1e9] seconds.
absl::StatusOr<Client> Connect(const ConnectionOptions& options);

// `status`, extended with the cause if gRPC could not connect because of TLS, and with the
// variables that the settings of TLS came from. Makes another connection to find it.
absl::Status Explained(const absl::Status& status, const ConnectionOptions& options);

// `status` with `prefix` and ": " in front of its message.
absl::Status Annotate(const absl::Status& status, absl::string_view prefix);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_CONNECTION_H_
