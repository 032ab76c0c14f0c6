#include "server/tls/tls_credentials.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <functional>
#include <vector>

#include "server/tls/full_handshakes.h"

namespace mlp {
namespace {

using grpc::experimental::ExternalCertificateVerifier;
using grpc::experimental::FileWatcherCertificateProvider;
using grpc::experimental::IdentityKeyCertPair;
using grpc::experimental::TlsCustomVerificationCheckRequest;
using grpc::experimental::TlsServerCredentialsOptions;

constexpr unsigned kLookSeconds = 1;

// Runs after OpenSSL has verified the client's certificate, or after the client sent none.
class RevocationCheck final : public ExternalCertificateVerifier {
 public:
  RevocationCheck(const TlsFiles& files, HandshakeFailures& failures)
      : files_(files), failures_(failures) {}

  bool Verify(TlsCustomVerificationCheckRequest* request,
              std::function<void(grpc::Status)> /*later*/, grpc::Status* status) override {
    const grpc::string_ref certificate = request->peer_cert();
    const bool revoked =
        !certificate.empty() && files_.Revoked({certificate.data(), certificate.size()});
    if (revoked) {
      failures_.Count(HandshakeFailure::kRevoked);
      *status = grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "the certificate was revoked");
    }
    return true;
  }
  void Cancel(TlsCustomVerificationCheckRequest* /*request*/) override {}

 private:
  const TlsFiles& files_;
  HandshakeFailures& failures_;
};

grpc_ssl_client_certificate_request_type RequestType(ClientAuthentication clients) {
  switch (clients) {
    case ClientAuthentication::kNone:
      return GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
    case ClientAuthentication::kOptional:
      return GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
    case ClientAuthentication::kRequired:
      break;
  }
  return GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
}

}  // namespace

std::shared_ptr<grpc::ServerCredentials> MakeTlsCredentials(const TlsFiles& files,
                                                            ClientAuthentication clients,
                                                            HandshakeFailures& failures) {
  RequireFullHandshakes();
  const bool asks = clients != ClientAuthentication::kNone;
  // The key and the chain are in one file, so gRPC never reads a key with another key's
  // certificate.
  auto provider = asks ? std::make_shared<FileWatcherCertificateProvider>(
                             files.identity_path(), files.identity_path(), files.authorities_path(),
                             kLookSeconds)
                       : std::make_shared<FileWatcherCertificateProvider>(
                             files.identity_path(), files.identity_path(), kLookSeconds);
  TlsServerCredentialsOptions options(std::move(provider));
  options.watch_identity_key_cert_pairs();
  if (asks) options.watch_root_certs();
  options.set_cert_request_type(RequestType(clients));
  options.set_certificate_verifier(
      ExternalCertificateVerifier::Create<RevocationCheck>(files, failures));
  return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace mlp
