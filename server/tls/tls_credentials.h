// gRPC's server credentials for TLS, from files that may change while the server runs.

#ifndef MLP_SERVER_TLS_TLS_CREDENTIALS_H_
#define MLP_SERVER_TLS_TLS_CREDENTIALS_H_

#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "server/tls/handshake_failure.h"
#include "server/tls/tls_files.h"

namespace mlp {

enum class ClientAuthentication {
  kNone,      // clients are not asked for a certificate
  kOptional,  // a certificate is checked if the client sends one
  kRequired,
};

// TLS 1.2 or later, with AEAD cipher suites, for HTTP/2 only. New handshakes use what `files` had
// at most a second ago. Sessions are not resumed. A revoked certificate is refused, and counted in
// `failures`. `files` and `failures` must outlive the server.
std::shared_ptr<grpc::ServerCredentials> MakeTlsCredentials(const TlsFiles& files,
                                                            ClientAuthentication clients,
                                                            HandshakeFailures& failures);

}  // namespace mlp

#endif  // MLP_SERVER_TLS_TLS_CREDENTIALS_H_
