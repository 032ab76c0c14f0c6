// Certificates that their authorities have revoked (RFC 5280, section 5).

#ifndef MLP_SERVER_TLS_REVOCATION_LISTS_H_
#define MLP_SERVER_TLS_REVOCATION_LISTS_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/tls/openssl_pointers.h"

namespace mlp {

// Immutable: any number of threads may ask it.
class RevocationLists final {
 public:
  // INVALID_ARGUMENT where `pem` has no list, one cannot be read, or none of the authorities in
  // `authorities_pem` has signed one.
  static absl::StatusOr<RevocationLists> Read(absl::string_view pem,
                                              absl::string_view authorities_pem);

  // Whether the certificate `pem`, which was verified, is on the list of its issuer. One that
  // cannot be read is taken for revoked.
  bool Revoked(absl::string_view pem) const;

 private:
  std::vector<OpensslPointer<X509_CRL>> lists_;
};

}  // namespace mlp

#endif  // MLP_SERVER_TLS_REVOCATION_LISTS_H_
