// gRPC's credentials for a port with TLS, of files that may change while it serves.

#ifndef MLP_SERVER_TLS_TLS_CREDENTIALS_H_
#define MLP_SERVER_TLS_TLS_CREDENTIALS_H_

#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "server/tls/handshake_failure.h"
#include "server/tls/tls_files.h"

namespace mlp {

enum class ClientAuthentication {
  kNone,      // clients show no certificate
  kOptional,  // one that is shown is checked
  kRequired,
};

// TLS 1.2 or later, with suites that encrypt and authenticate at once (AEAD), for HTTP/2 alone. New
// handshakes take what `files` has at most a second before, and no session is resumed. A
// certificate that was revoked is refused, and counted in `failures`. Both must outlive the server.
std::shared_ptr<grpc::ServerCredentials> MakeTlsCredentials(const TlsFiles& files,
                                                            ClientAuthentication clients,
                                                            HandshakeFailures& failures);

}  // namespace mlp

#endif  // MLP_SERVER_TLS_TLS_CREDENTIALS_H_
