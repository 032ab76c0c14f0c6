// The certificate and the private key that the server shows, checked before they are used: a pair
// that does not fit would fail every handshake.

#ifndef MLP_SERVER_TLS_SERVER_IDENTITY_H_
#define MLP_SERVER_TLS_SERVER_IDENTITY_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace mlp {

// What is known of a checked certificate.
struct CertificateFacts {
  absl::Time not_after;  // the earliest of the chain
};

// Checks a chain, the server's own certificate first, and its key. INVALID_ARGUMENT, beginning with
// "certificate: " or "key: ", where one cannot be read; the key does not fit the certificate, is
// encrypted, or is an RSA key under 2,048 bits; a certificate has expired or is not valid yet at
// `now`, which is not checked without it; the certificate is not for servers (its extendedKeyUsage
// or keyUsage, RFC 5280, 4.2.1.12); one of the chain did not issue the one in front of it; or no
// handshake succeeds with them (trial_handshake.h). Thread-safe.
absl::StatusOr<CertificateFacts> CheckServerIdentity(absl::string_view certificate_pem,
                                                     absl::string_view key_pem,
                                                     std::optional<absl::Time> now);

// Checks a bundle of authorities for clients' certificates: INVALID_ARGUMENT where there is none in
// it, one cannot be read, or all have expired. Thread-safe.
absl::StatusOr<CertificateFacts> CheckAuthorities(absl::string_view pem, absl::Time now);

}  // namespace mlp

#endif  // MLP_SERVER_TLS_SERVER_IDENTITY_H_
