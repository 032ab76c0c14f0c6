// Bearer tokens in a request's headers (RFC 6750, section 2.1).

#ifndef MLP_SERVER_ACCESS_BEARER_TOKEN_H_
#define MLP_SERVER_ACCESS_BEARER_TOKEN_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace mlp {

// The longest token accepted. The client refuses longer ones too (client/credentials.h).
inline constexpr std::size_t kLongestToken = 512;

// The token of a request whose "authorization" header has these values. UNAUTHENTICATED if there is
// no value or more than one, or if the value is not "Bearer" in any case, one or more spaces, and a
// token in the characters that the RFC allows. The message says what is wrong and contains nothing
// of the value. Thread-safe.
absl::StatusOr<absl::string_view> BearerToken(absl::Span<const absl::string_view> values);

}  // namespace mlp

#endif  // MLP_SERVER_ACCESS_BEARER_TOKEN_H_
