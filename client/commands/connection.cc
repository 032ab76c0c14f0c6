#include "client/commands/connection.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <initializer_list>
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

// Not MLP_TLS_CERT and the like: in a container, those are the server's.
constexpr char kTlsVariable[] = "MLP_CLIENT_TLS";
constexpr char kAuthoritiesVariable[] = "MLP_CLIENT_TLS_CA";
constexpr char kCertificateVariable[] = "MLP_CLIENT_TLS_CERT";
constexpr char kKeyVariable[] = "MLP_CLIENT_TLS_KEY";
constexpr char kServerNameVariable[] = "MLP_CLIENT_TLS_SERVER_NAME";
constexpr char kTokenVariable[] = "MLP_CLIENT_TOKEN_FILE";

// Where OpenSSL's own programs look on Debian. Elsewhere SSL_CERT_FILE gives the path, as it does
// for them.
std::string SystemAuthorities() {
  const char* const named = std::getenv("SSL_CERT_FILE");  // NOLINT(concurrency-mt-unsafe)
  return named != nullptr && *named != '\0' ? named : "/etc/ssl/certs/ca-certificates.crt";
}

// A variable of the environment, and the option's value.
struct Setting {
  const char* variable;
  const std::string& value;
};

// " (from the environment: MLP_CLIENT_TLS_CA)" with each of `settings` that has its variable's
// value; empty if none has. Without them, a text would ask to leave out options that nobody gave.
std::string FromEnvironment(std::initializer_list<Setting> settings) {
  std::string names;
  for (const Setting& setting : settings) {
    const char* const value = std::getenv(setting.variable);  // NOLINT(concurrency-mt-unsafe)
    if (value == nullptr || *value == '\0' || setting.value != value) continue;
    absl::StrAppend(&names, names.empty() ? " (from the environment: " : ", ", setting.variable);
  }
  return names.empty() ? names : names + ")";
}

std::string TokenFromEnvironment(const ConnectionOptions& options) {
  return FromEnvironment({{kTokenVariable, options.token_file}});
}

std::string TlsFromEnvironment(const ConnectionOptions& options) {
  const char* const tls = std::getenv(kTlsVariable);  // NOLINT(concurrency-mt-unsafe)
  const std::string flag = options.tls && tls != nullptr ? tls : "";
  return FromEnvironment({{kTlsVariable, flag},
                          {kAuthoritiesVariable, options.tls_ca},
                          {kCertificateVariable, options.tls_cert},
                          {kKeyVariable, options.tls_key},
                          {kServerNameVariable, options.tls_server_name}});
}

absl::Status WithSuffix(const absl::Status& status, const std::string& suffix) {
  return {status.code(), absl::StrCat(status.message(), suffix)};
}

absl::StatusOr<ClientTls> ReadTls(const ConnectionOptions& options) {
  if (options.tls_cert.empty() != options.tls_key.empty()) {
    return absl::InvalidArgumentError(
        "only one of --tls-cert and --tls-key is set; expected both or neither");
  }
  const ClientTlsPaths paths{options.tls_ca.empty() ? SystemAuthorities() : options.tls_ca,
                             options.tls_cert, options.tls_key};
  absl::StatusOr<ClientTls> tls = ReadClientTls(paths);
  if (!tls.ok()) return Annotate(tls.status(), "TLS");
  tls->server_name = options.tls_server_name;
  if (absl::Status status = CheckPem(*tls); !status.ok()) return status;
  return tls;
}

}  // namespace

void AddConnectionOptions(CLI::App& app, ConnectionOptions& options) {
  app.add_option("--address", options.address, "The server's gRPC address, host:port")
      ->envname("MLP_ADDRESS")
      ->capture_default_str();
  app.add_option("--timeout", options.timeout_seconds, "Seconds that one call may take")
      ->capture_default_str();
  app.add_flag("--tls", options.tls, "Use TLS; implied by any --tls-... option")
      ->envname(kTlsVariable);
  app.add_option("--tls-ca", options.tls_ca,
                 "PEM file of the certificate authorities to trust [the system's]")
      ->envname(kAuthoritiesVariable);
  app.add_option("--tls-cert", options.tls_cert,
                 "PEM file of a certificate to show to the server, with its chain")
      ->envname(kCertificateVariable);
  app.add_option("--tls-key", options.tls_key, "PEM file of that certificate's private key")
      ->envname(kKeyVariable);
  app.add_option("--tls-server-name", options.tls_server_name,
                 "Name that the server's certificate must have [the address's host]")
      ->envname(kServerNameVariable);
  app.add_option("--token-file", options.token_file,
                 "File whose first line is a bearer token to send with each call")
      ->envname(kTokenVariable);
}

absl::StatusOr<ClientCredentials> ReadCredentials(const ConnectionOptions& options) {
  ClientCredentials credentials;
  // Do this before a secret is read.
  if (!options.token_file.empty() || !options.tls_key.empty()) LeaveNoCoreFile();
  if (!options.token_file.empty()) {
    absl::StatusOr<std::string> token = ReadClientToken(options.token_file);
    if (!token.ok()) {
      return WithSuffix(Annotate(token.status(), "--token-file"), TokenFromEnvironment(options));
    }
    credentials.token = *std::move(token);
  }
  if (options.tls || !options.tls_ca.empty() || !options.tls_cert.empty() ||
      !options.tls_key.empty() || !options.tls_server_name.empty()) {
    absl::StatusOr<ClientTls> tls = ReadTls(options);
    if (!tls.ok()) return WithSuffix(tls.status(), TlsFromEnvironment(options));
    credentials.tls = *std::move(tls);
  }
  if (absl::Status status = CheckClientCredentials(options.address, credentials); !status.ok()) {
    return WithSuffix(status, credentials.tls.has_value() ? TlsFromEnvironment(options)
                                                          : TokenFromEnvironment(options));
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
      ExplainFailure(options.address, *credentials, /*system_authorities=*/options.tls_ca.empty(),
                     std::chrono::milliseconds(500));
  if (why.empty()) return status;
  return {status.code(), absl::StrCat(options.address, ": ", why, TlsFromEnvironment(options))};
}

absl::Status Annotate(const absl::Status& status, absl::string_view prefix) {
  return {status.code(), absl::StrCat(prefix, ": ", status.message())};
}

}  // namespace mlp
