// Converts the times in certificates and revocation lists.

#ifndef MLP_SERVER_TLS_ASN1_TIME_H_
#define MLP_SERVER_TLS_ASN1_TIME_H_

#include <openssl/asn1.h>

#include <ctime>
#include <string>

#include "absl/time/time.h"

namespace mlp {

// The infinite past if `time` cannot be read; as an end date, that counts as expired.
inline absl::Time TimeOfAsn1(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return absl::InfinitePast();
  return absl::FromTM(parts, absl::UTCTimeZone());
}

inline std::string TimeText(absl::Time time) {
  return absl::FormatTime(absl::RFC3339_sec, time, absl::UTCTimeZone());
}

}  // namespace mlp

#endif  // MLP_SERVER_TLS_ASN1_TIME_H_
