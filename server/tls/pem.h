// Reads certificates, private keys and revocation lists from PEM text (RFC 7468). The text is
// untrusted; errors contain nothing of it.

#ifndef MLP_SERVER_TLS_PEM_H_
#define MLP_SERVER_TLS_PEM_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/tls/openssl_pointers.h"

namespace mlp {

// Every certificate in `pem`, in order; other blocks are skipped. INVALID_ARGUMENT if there is none
// or one cannot be read. Thread-safe, like the functions below.
absl::StatusOr<std::vector<OpensslPointer<X509>>> ReadCertificates(absl::string_view pem);

// The first private key. INVALID_ARGUMENT if there is none, or if it cannot be read or is
// encrypted.
absl::StatusOr<OpensslPointer<EVP_PKEY>> ReadPrivateKey(absl::string_view pem);

// Every revocation list. INVALID_ARGUMENT if there is none or one cannot be read.
absl::StatusOr<std::vector<OpensslPointer<X509_CRL>>> ReadRevocationLists(absl::string_view pem);

}  // namespace mlp

#endif  // MLP_SERVER_TLS_PEM_H_
