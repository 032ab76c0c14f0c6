// Certificates that their authorities have revoked (RFC 5280, section 5).

#ifndef MLP_SERVER_TLS_REVOCATION_LISTS_H_
#define MLP_SERVER_TLS_REVOCATION_LISTS_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/tls/openssl_pointers.h"

namespace mlp {

// Immutable: any number of threads may ask it.
class RevocationLists final {
 public:
  // INVALID_ARGUMENT where `pem` has no list, one cannot be read, none of the authorities in
  // `authorities_pem` has signed one, or one is not the whole list of its authority: a delta, an
  // indirect one, one of some reasons, or one with a critical extension that is unknown here.
  static absl::StatusOr<RevocationLists> Read(absl::string_view pem,
                                              absl::string_view authorities_pem);

  // INVALID_ARGUMENT where one is out of date at `now`, or is not to be used yet by more than
  // clocks may differ.
  absl::Status CheckDates(absl::Time now) const;

  // When the first of them is out of date: its authority will have issued the next one by then. The
  // infinite future where none says when.
  absl::Time not_after() const;

  // Whether the certificate `pem`, which was verified, is on the list of its issuer, be that out of
  // date or not. One that cannot be read is taken for revoked; one whose issuer has no list is not.
  bool Revoked(absl::string_view pem) const;

 private:
  std::vector<OpensslPointer<X509_CRL>> lists_;
};

}  // namespace mlp

#endif  // MLP_SERVER_TLS_REVOCATION_LISTS_H_
