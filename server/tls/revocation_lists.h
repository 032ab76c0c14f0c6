// Lists of revoked certificates (RFC 5280, section 5).

#ifndef MLP_SERVER_TLS_REVOCATION_LISTS_H_
#define MLP_SERVER_TLS_REVOCATION_LISTS_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/tls/openssl_pointers.h"

namespace mlp {

// Immutable, so thread-safe.
class RevocationLists final {
 public:
  // INVALID_ARGUMENT if `pem` has no list; if one cannot be read or is not signed by an authority
  // in `authorities_pem`; or if one does not cover all certificates of its authority: a delta, an
  // indirect list, a list for some reasons only, or a list with a critical extension that is
  // unknown here.
  static absl::StatusOr<RevocationLists> Read(absl::string_view pem,
                                              absl::string_view authorities_pem);

  // INVALID_ARGUMENT if a list is out of date at `now`, or not yet valid by more than clocks may
  // differ.
  absl::Status CheckDates(absl::Time now) const;

  // When the first list goes out of date: its authority will have issued the next one by then. The
  // infinite future if no list says when.
  absl::Time not_after() const;

  // Whether the verified certificate `pem` is on its issuer's list, even if the list is out of
  // date. A certificate that cannot be read counts as revoked; one whose issuer has no list does
  // not.
  bool Revoked(absl::string_view pem) const;

 private:
  std::vector<OpensslPointer<X509_CRL>> lists_;
};

}  // namespace mlp

#endif  // MLP_SERVER_TLS_REVOCATION_LISTS_H_
