// Tries whether OpenSSL takes a certificate: a key on an unusual curve or a signature by SHA-1
// passes every check of its parts, and yet no handshake succeeds.

#ifndef MLP_SERVER_TLS_TRIAL_HANDSHAKE_H_
#define MLP_SERVER_TLS_TRIAL_HANDSHAKE_H_

#include <vector>

#include "absl/status/status.h"
#include "server/tls/openssl_pointers.h"

namespace mlp {

// Does one handshake in memory, between a server with this chain and key and a client that takes
// any certificate. INVALID_ARGUMENT, with OpenSSL's reason, if it fails. `chain` has the server's
// own certificate first, and `key` fits it. Takes about a millisecond. Thread-safe.
absl::Status TryHandshake(const std::vector<OpensslPointer<X509>>& chain, EVP_PKEY& key);

}  // namespace mlp

#endif  // MLP_SERVER_TLS_TRIAL_HANDSHAKE_H_
