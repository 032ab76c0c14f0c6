// A new bearer token, and the line by which a server knows it (docs/use/security.md).

#ifndef MLP_CLIENT_NEW_TOKEN_H_
#define MLP_CLIENT_NEW_TOKEN_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace mlp {

// Whom a token is for.
struct TokenWishes {
  std::string name;  // of the caller, for the server's audit
  std::string role;  // observe, infer or admin
  std::string models = "*";
  std::optional<absl::Time> expires{};
};

struct NewToken {
  std::string token;  // for the caller alone: "mlp_" and 256 random bits as base64url
  std::string line;   // for the server's file, without the token and without the end of the line
};

// INVALID_ARGUMENT, with the option of `mlp-client token new`, for wishes that a server would not
// read. INTERNAL where OpenSSL has no random bytes. Thread-safe.
absl::StatusOr<NewToken> MakeToken(const TokenWishes& wishes);

// "90d", "12h" or "30m" from `now` on, or a time as 2027-01-01T00:00:00Z. INVALID_ARGUMENT for
// anything else, for what is over at `now`, and for more than 100 years. Thread-safe.
absl::StatusOr<absl::Time> ParseExpiry(absl::string_view text, absl::Time now);

}  // namespace mlp

#endif  // MLP_CLIENT_NEW_TOKEN_H_
