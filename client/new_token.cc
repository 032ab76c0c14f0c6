#include "client/new_token.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "model/formats/io/sha256.h"

namespace mlp {
namespace {

constexpr std::size_t kLongestTokenWord = 128;
constexpr std::size_t kRandomTokenBytes = 32;

// Words in the server's file are separated by spaces, so a wrong character here would begin another
// word there. tests/client/new_token_test.cc reads the lines as a server does.
bool IsTokenWord(absl::string_view text, absl::string_view marks) {
  return !text.empty() && text.size() <= kLongestTokenWord &&
         std::all_of(text.begin(), text.end(), [marks](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  marks.find(c) != absl::string_view::npos;
         });
}

absl::Status CheckSpec(const TokenSpec& spec) {
  if (!IsTokenWord(spec.name, "._-@/")) {
    return absl::InvalidArgumentError(
        absl::StrCat("--name is '", spec.name,
                     "'; expected 1 to 128 characters: letters, digits and . _ - @ /"));
  }
  if (spec.role != "observe" && spec.role != "infer" && spec.role != "admin") {
    return absl::InvalidArgumentError(
        absl::StrCat("--role is '", spec.role, "'; expected observe, infer or admin"));
  }
  for (const absl::string_view pattern : absl::StrSplit(spec.models, ',')) {
    if (IsTokenWord(pattern, "._-*")) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "--models is '", spec.models,
        "'; expected names of models with commas between them, in which * stands for any "
        "characters"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<NewToken> MakeToken(const TokenSpec& spec) {
  if (absl::Status status = CheckSpec(spec); !status.ok()) return status;
  std::array<unsigned char, kRandomTokenBytes> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return absl::InternalError("OpenSSL has no random bytes");
  }
  NewToken made;
  // The prefix lets scanners find a token that was committed to a repository.
  made.token =
      absl::StrCat("mlp_", absl::WebSafeBase64Escape(absl::string_view(
                               reinterpret_cast<const char*>(bytes.data()), bytes.size())));
  const std::string digest = Sha256(made.token);
  if (digest.empty()) return absl::InternalError("OpenSSL cannot compute a digest");
  made.line = absl::StrCat("name=", spec.name, " role=", spec.role, " models=", spec.models);
  if (spec.expires.has_value()) {
    absl::StrAppend(&made.line, " expires=",
                    absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", *spec.expires, absl::UTCTimeZone()));
  }
  absl::StrAppend(&made.line, " sha256=", digest);
  return made;
}

absl::StatusOr<absl::Time> ParseExpiry(absl::string_view text, absl::Time now) {
  constexpr absl::Duration kLongest = absl::Hours(24 * 365 * 100);
  const auto wrong = [text] {
    return absl::InvalidArgumentError(
        absl::StrCat("--expires is '", text,
                     "'; expected a duration, such as 90d, 12h or 30m, or a time in the future, "
                     "such as 2027-01-01T00:00:00Z"));
  };
  absl::Time expires;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &expires, &error)) {
    const absl::string_view digits = text.substr(0, text.empty() ? 0 : text.size() - 1);
    std::int64_t count = 0;
    if (digits.empty() || digits.find_first_not_of("0123456789") != absl::string_view::npos ||
        !absl::SimpleAtoi(digits, &count) || count > 100'000'000) {
      return wrong();
    }
    switch (text.back()) {
      case 'd':
        expires = now + absl::Hours(24) * count;
        break;
      case 'h':
        expires = now + absl::Hours(count);
        break;
      case 'm':
        expires = now + absl::Minutes(count);
        break;
      default:
        return wrong();
    }
  }
  if (expires <= now || expires > now + kLongest) return wrong();
  return expires;
}

}  // namespace mlp
