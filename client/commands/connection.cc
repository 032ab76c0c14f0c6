#include "client/commands/connection.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/server_address.h"
#include "client/tls_check.h"
#include "model/process_guard.h"

namespace mlp {
namespace {

// Where OpenSSL's own programs look on Debian. Elsewhere SSL_CERT_FILE gives the path, as it does
// for them.
std::string SystemAuthorities() {
  const char* const named = std::getenv("SSL_CERT_FILE");  // NOLINT(concurrency-mt-unsafe)
  return named != nullptr && *named != '\0' ? named : "/etc/ssl/certs/ca-certificates.crt";
}

}  // namespace

void AddConnectionOptions(CLI::App& app, ConnectionOptions& options) {
  app.add_option("--address", options.address, "The server's gRPC address, host:port")
      ->envname("MLP_ADDRESS")
      ->capture_default_str();
  app.add_option("--timeout", options.timeout_seconds, "Seconds that one call may take")
      ->capture_default_str();
  // Not MLP_TLS_CERT and the like: in a container, those are the server's.
  app.add_flag("--tls", options.tls, "Speak TLS; any --tls-... option implies it")
      ->envname("MLP_CLIENT_TLS");
  app.add_option("--tls-ca", options.tls_ca,
                 "PEM file of the authorities that the server's certificate may be of [the "
                 "system's]")
      ->envname("MLP_CLIENT_TLS_CA");
  app.add_option("--tls-cert", options.tls_cert,
                 "PEM file of a certificate to show to the server, with its chain")
      ->envname("MLP_CLIENT_TLS_CERT");
  app.add_option("--tls-key", options.tls_key, "PEM file of that certificate's private key")
      ->envname("MLP_CLIENT_TLS_KEY");
  app.add_option("--tls-server-name", options.tls_server_name,
                 "Name that the server's certificate must have [the address's host]")
      ->envname("MLP_CLIENT_TLS_SERVER_NAME");
  app.add_option("--token-file", options.token_file,
                 "File whose first line is a bearer token, to show with each call")
      ->envname("MLP_CLIENT_TOKEN_FILE");
}

absl::StatusOr<ClientCredentials> ReadCredentials(const ConnectionOptions& options) {
  ClientCredentials credentials;
  // Do this before a secret is read.
  if (!options.token_file.empty() || !options.tls_key.empty()) LeaveNoCoreFile();
  if (!options.token_file.empty()) {
    absl::StatusOr<std::string> token = ReadClientToken(options.token_file);
    if (!token.ok()) return Annotate(token.status(), "--token-file");
    credentials.token = *std::move(token);
  }
  if (options.tls_cert.empty() != options.tls_key.empty()) {
    return absl::InvalidArgumentError(
        "one of --tls-cert and --tls-key alone; expected both or neither");
  }
  if (options.tls || !options.tls_ca.empty() || !options.tls_cert.empty() ||
      !options.tls_server_name.empty()) {
    const ClientTlsPaths paths{options.tls_ca.empty() ? SystemAuthorities() : options.tls_ca,
                               options.tls_cert, options.tls_key};
    absl::StatusOr<ClientTls> tls = ReadClientTls(paths);
    if (!tls.ok()) return Annotate(tls.status(), "TLS");
    tls->server_name = options.tls_server_name;
    if (absl::Status status = CheckPem(*tls); !status.ok()) return status;
    credentials.tls = *std::move(tls);
  }
  if (absl::Status status = CheckClientCredentials(options.address, credentials); !status.ok()) {
    return status;
  }
  return credentials;
}

absl::StatusOr<Client> Connect(const ConnectionOptions& options) {
  // Written so that NaN is refused too.
  if (!(options.timeout_seconds > 0.0 && options.timeout_seconds <= 1e9)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--timeout is ", options.timeout_seconds,
                     "; expected more than 0 and at most 1e9 seconds"));
  }
  ClientOptions client_options;
  client_options.timeout =
      std::chrono::milliseconds(std::max(1LL, std::llround(options.timeout_seconds * 1000.0)));
  if (absl::Status status = CheckServerAddress(options.address); !status.ok()) return status;
  absl::StatusOr<ClientCredentials> credentials = ReadCredentials(options);
  if (!credentials.ok()) return credentials.status();
  client_options.credentials = *std::move(credentials);
  return Client::Create(options.address, client_options);
}

absl::Status Explained(const absl::Status& status, const ConnectionOptions& options) {
  constexpr absl::string_view kGrpcsWords[] = {"failed to connect", "Socket closed",
                                               "Connection reset", "Broken pipe"};
  const bool unconnected =
      absl::IsUnavailable(status) &&
      std::any_of(std::begin(kGrpcsWords), std::end(kGrpcsWords), [&](absl::string_view words) {
        return absl::StrContains(status.message(), words);
      });
  if (!unconnected) return status;
  const absl::StatusOr<ClientCredentials> credentials = ReadCredentials(options);
  if (!credentials.ok()) return status;
  const std::string why =
      ExplainFailure(options.address, *credentials, std::chrono::milliseconds(500));
  if (why.empty()) return status;
  return {status.code(), absl::StrCat(options.address, ": ", why)};
}

absl::Status Annotate(const absl::Status& status, absl::string_view prefix) {
  return {status.code(), absl::StrCat(prefix, ": ", status.message())};
}

}  // namespace mlp
