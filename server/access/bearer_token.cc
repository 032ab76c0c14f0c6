#include "server/access/bearer_token.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

constexpr absl::string_view kScheme = "Bearer";

// RFC 6750's b64token: one or more characters, then any number of equals signs.
bool IsTokenText(absl::string_view text) {
  const std::size_t end = text.find_last_not_of('=') + 1;
  return end > 0 && std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end),
                                [](unsigned char c) {
                                  return absl::ascii_isalnum(c) ||
                                         absl::string_view("-._~+/").find(static_cast<char>(c)) !=
                                             absl::string_view::npos;
                                });
}

}  // namespace

absl::StatusOr<absl::string_view> BearerToken(absl::Span<const absl::string_view> values) {
  if (values.empty()) {
    return absl::UnauthenticatedError("expected the header 'authorization: Bearer <token>'");
  }
  if (values.size() > 1) {
    return absl::UnauthenticatedError(
        "the header 'authorization' came more than once; expected it once");
  }
  absl::string_view value = values.front();
  if (value.size() <= kScheme.size() || !absl::StartsWithIgnoreCase(value, kScheme) ||
      value[kScheme.size()] != ' ') {
    return absl::UnauthenticatedError(
        "the header 'authorization' is not of the form 'Bearer <token>'");
  }
  value.remove_prefix(kScheme.size());
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  if (value.size() > kLongestToken || !IsTokenText(value)) {
    return absl::UnauthenticatedError(absl::StrCat(
        "the token has characters that are not allowed, or more than ", kLongestToken));
  }
  return value;
}

}  // namespace mlp
