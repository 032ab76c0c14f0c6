// Who may do what: the callers of --tokens-file, each known by a token or by a client certificate.
//
// A line of the file is one caller, in words of key=value. A line that begins with # is a comment:
//
//   name=ci role=infer models=digits-* sha256=<64 digits> expires=2027-01-01T00:00:00Z
//
//   name=front role=infer models=digits-*,iris uri=spiffe://cluster/ns/web/sa/front
//
//   name=ops role=admin models=* dns=ops.example.com
//
// The token itself is in no file of the server's: only its digest is. docs/use/security.md tells
// more.

#ifndef MLP_SERVER_ACCESS_ACCESS_LIST_H_
#define MLP_SERVER_ACCESS_ACCESS_LIST_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/access/caller.h"

namespace mlp {

// The names in a client certificate that was verified.
struct CertificateNames {
  std::vector<std::string> uris;  // of the subject's alternative names
  std::vector<std::string> dns;
  std::string common_name;
};

// Immutable: any number of threads may look at it.
class AccessList final {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{1} << 20;
  static constexpr std::size_t kMostCallers = 4096;

  // INVALID_ARGUMENT, with the line and the key, for whatever is not as above. The text never holds
  // a value that might be a secret.
  static absl::StatusOr<AccessList> Parse(absl::string_view text);

  // The caller with this token, expired or not; null if nobody has it. The time tells a guesser
  // nothing: it does not depend on how near the digest of the guess is to one of the list.
  const Caller* OfToken(absl::string_view token) const;

  // The caller of the first line in the file with a URI that the certificate has, else with a DNS
  // name that it has; null where there is none. DNS names are compared without regard to case
  // (RFC 4343). The common name counts only in a certificate with neither (RFC 6125).
  const Caller* OfCertificate(const CertificateNames& names) const;

  bool has_tokens() const { return !tokens_.empty(); }
  bool has_certificates() const { return !certificates_.empty(); }
  std::size_t size() const { return tokens_.size() + certificates_.size(); }

 private:
  using Digest = std::array<std::uint8_t, 32>;
  enum class NameKind { kUri, kDns, kCommonName };

  struct Token {
    Digest digest;
    Caller caller;
  };
  // Where a token is in `tokens_`.
  struct Place {
    std::uint64_t first_bytes;  // of its digest
    std::size_t index;
  };
  struct Certificate {
    NameKind kind;
    std::string pattern;
    Caller caller;
  };

  struct Line;
  absl::Status Add(const Line& line);
  absl::Status AddToken(const Line& line, Caller caller);
  // `key`: uri, dns or cn.
  absl::Status AddCertificate(const Line& line, absl::string_view key, Caller caller);
  const Token* Find(const Digest& digest) const;

  // The index of the first place that does not come before digests with these first bytes.
  std::size_t PlaceOf(std::uint64_t first_bytes) const;

  std::vector<Token> tokens_;
  // Of all tokens, ordered by `first_bytes`, and one more behind them, so that each search ends at
  // a place.
  std::vector<Place> places_ = {{std::numeric_limits<std::uint64_t>::max(), 0}};
  std::vector<Certificate> certificates_;
};

}  // namespace mlp

#endif  // MLP_SERVER_ACCESS_ACCESS_LIST_H_
