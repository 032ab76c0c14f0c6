// Checks the server's certificate and private key before they are used: a pair that does not match
// would fail every handshake.

#ifndef MLP_SERVER_TLS_SERVER_IDENTITY_H_
#define MLP_SERVER_TLS_SERVER_IDENTITY_H_

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace mlp {

// What a check found.
struct CertificateFacts {
  absl::Time not_after;  // the earliest in a chain, the latest of authorities
};

// Checks a chain, the server's own certificate first, and its key. INVALID_ARGUMENT, beginning with
// "certificate: " or "key: ", if
// - a certificate or the key cannot be read, or the key is encrypted,
// - the key does not belong to the certificate, or is an RSA key under 2,048 bits,
// - a certificate has expired or is not valid yet at `now` (not checked without `now`),
// - the certificate is not for servers (its extendedKeyUsage or keyUsage, RFC 5280, 4.2.1.12),
// - a certificate of the chain did not issue the one before it, or
// - no handshake succeeds with them (trial_handshake.h).
// Thread-safe.
absl::StatusOr<CertificateFacts> CheckServerIdentity(absl::string_view certificate_pem,
                                                     absl::string_view key_pem,
                                                     std::optional<absl::Time> now);

// Checks a bundle of authorities for client certificates. INVALID_ARGUMENT if it has no
// certificate, one cannot be read, or all have expired. Thread-safe.
absl::StatusOr<CertificateFacts> CheckAuthorities(absl::string_view pem, absl::Time now);

}  // namespace mlp

#endif  // MLP_SERVER_TLS_SERVER_IDENTITY_H_
