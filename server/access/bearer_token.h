// Bearer tokens in a request's headers (RFC 6750, section 2.1).

#ifndef MLP_SERVER_ACCESS_BEARER_TOKEN_H_
#define MLP_SERVER_ACCESS_BEARER_TOKEN_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace mlp {

// The longest token that is looked at. The client refuses longer ones, too
// (client/credentials.h).
inline constexpr std::size_t kLongestToken = 512;

// The token of a request with these values of the header "authorization". UNAUTHENTICATED, with
// what is wrong and without any of the value, where there is none, more than one, or it is not
// "Bearer", in any case, one space or more, and a token of the RFC's characters. Thread-safe.
absl::StatusOr<absl::string_view> BearerToken(absl::Span<const absl::string_view> values);

}  // namespace mlp

#endif  // MLP_SERVER_ACCESS_BEARER_TOKEN_H_
