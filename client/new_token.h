// Makes a new bearer token, and the line by which a server recognises it (docs/use/security.md).

#ifndef MLP_CLIENT_NEW_TOKEN_H_
#define MLP_CLIENT_NEW_TOKEN_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace mlp {

// What a new token is for.
struct TokenSpec {
  std::string name;  // of the caller, for the server's audit
  std::string role;  // observe, infer or admin
  std::string models = "*";
  std::optional<absl::Time> expires{};
};

struct NewToken {
  std::string token;  // only for the caller: "mlp_" and 256 random bits as base64url
  std::string line;   // for the server's file; without the token and the end of the line
};

// INVALID_ARGUMENT, with the option of `mlp-client token new`, if a server would not accept the
// line. INTERNAL if OpenSSL has no random bytes. Thread-safe.
absl::StatusOr<NewToken> MakeToken(const TokenSpec& spec);

// Parses "90d", "12h" or "30m", counted from `now`, or a time such as 2027-01-01T00:00:00Z.
// INVALID_ARGUMENT for anything else, for a time that is not after `now`, and for more than 100
// years. Thread-safe.
absl::StatusOr<absl::Time> ParseExpiry(absl::string_view text, absl::Time now);

}  // namespace mlp

#endif  // MLP_CLIENT_NEW_TOKEN_H_
