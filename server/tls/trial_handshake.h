// Tests whether OpenSSL accepts a certificate: with a key on an unusual curve or a SHA-1 signature,
// every check of the parts passes, yet no handshake succeeds.

#ifndef MLP_SERVER_TLS_TRIAL_HANDSHAKE_H_
#define MLP_SERVER_TLS_TRIAL_HANDSHAKE_H_

#include <vector>

#include "absl/status/status.h"
#include "server/tls/openssl_pointers.h"

namespace mlp {

// Makes one handshake in memory, between a server with this chain and key and a client that accepts
// any certificate. INVALID_ARGUMENT, with OpenSSL's reason, if it fails. `chain` begins with the
// server's own certificate; `key` must belong to it. Takes about a millisecond. Thread-safe.
absl::Status TryHandshake(const std::vector<OpensslPointer<X509>>& chain, EVP_PKEY& key);

}  // namespace mlp

#endif  // MLP_SERVER_TLS_TRIAL_HANDSHAKE_H_
