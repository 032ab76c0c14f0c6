// The options about who may call, and how connections are kept private.

#ifndef MLP_SERVER_OPTIONS_SECURITY_OPTIONS_H_
#define MLP_SERVER_OPTIONS_SECURITY_OPTIONS_H_

#include <optional>
#include <string>

namespace mlp {

// Whether a client has to show a certificate.
enum class ClientCertificates { kOptional, kRequired };

// Of a unix: socket whose mode is not given.
inline constexpr int kSocketMode = 0600;

struct SecurityOptions {
  std::string tls_certificate;  // empty: plaintext
  std::string tls_key;
  std::string tls_client_authorities;                     // empty: clients show no certificate
  std::optional<ClientCertificates> client_certificates;  // without a value: required
  std::string tls_revocation_lists;
  std::string tokens_file;  // empty: callers are not asked who they are
  bool plaintext_tokens = false;
  bool health_needs_observe = false;
  std::string admin_address;  // empty: admin calls come by the address of all
  // Of the gRPC address and of the admin address. Without a value: kSocketMode.
  std::optional<int> unix_socket_mode;
  std::optional<int> admin_socket_mode;
  bool http_needs_observe = false;   // metrics and pages are for callers with this role
  bool http_tls = false;             // the HTTP port and REST speak TLS
  std::string http_tls_certificate;  // empty: the files of gRPC's
  std::string http_tls_key;
};

// Throws std::invalid_argument with what is wrong. `rest_address`: empty where REST is off.
void CheckSecurity(const SecurityOptions& options, const std::string& grpc_address,
                   const std::string& http_address, const std::string& rest_address);

}  // namespace mlp

#endif  // MLP_SERVER_OPTIONS_SECURITY_OPTIONS_H_
