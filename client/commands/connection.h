// What every command of mlp-client needs: the server's address, and how the two know each other.

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

  // Any of the following but `token_file` has it speak TLS. Paths but for the name.
  bool tls = false;
  std::string tls_ca;  // empty: the system's authorities
  std::string tls_cert;
  std::string tls_key;
  std::string tls_server_name;
  std::string token_file;
};

// Adds --address, --timeout, --tls and its kin and --token-file to `app`; each but --timeout is
// taken from the environment too. `options` must outlive `app`.
void AddConnectionOptions(CLI::App& app, ConnectionOptions& options);

// Reads the files that `options` names. The errors of ReadClientTls, ReadClientToken and
// CheckClientCredentials, each with the option; also INVALID_ARGUMENT for a certificate or a key
// that OpenSSL cannot read, or which do not belong together.
absl::StatusOr<ClientCredentials> ReadCredentials(const ConnectionOptions& options);

// As Client::Create, with ReadCredentials; also INVALID_ARGUMENT for a timeout outside of (0, 1e9]
// seconds.
absl::StatusOr<Client> Connect(const ConnectionOptions& options);

// `status`, with what is wrong with TLS between the two where gRPC could not connect. Connects once
// more to find out.
absl::Status Explained(const absl::Status& status, const ConnectionOptions& options);

// `status` with `prefix` and ": " before its message.
absl::Status Annotate(const absl::Status& status, absl::string_view prefix);

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_CONNECTION_H_
