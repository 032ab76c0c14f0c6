// The callers listed in --tokens-file and what each may do. A caller is identified by a token or by
// a client certificate.
//
// Each line of the file is one caller, in words of key=value. A line that begins with # is a
// comment:
//
//   name=ci role=infer models=digits-* sha256=<64 digits> expires=2027-01-01T00:00:00Z
//
//   name=front role=infer models=digits-*,iris uri=spiffe://cluster/ns/web/sa/front
//
//   name=ops role=admin models=* dns=ops.example.com
//
// The server stores only the digest of a token, never the token itself. See docs/use/security.md.

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

// The names in a client's verified certificate.
struct CertificateNames {
  std::vector<std::string> uris;  // from the subject alternative names, like `dns`
  std::vector<std::string> dns;
  std::string common_name;
};

// Immutable, so thread-safe.
class AccessList final {
 public:
  static constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
  static constexpr std::size_t kMaxCallers = 4096;

  // INVALID_ARGUMENT, with the line and the key, if `text` does not have the format above. The
  // message never contains a value that might be a secret.
  static absl::StatusOr<AccessList> Parse(absl::string_view text);

  // The caller with this token, expired or not; null if there is none. The time this takes tells a
  // guesser nothing: it does not depend on how close the digest of the guess is to a digest in the
  // list.
  const Caller* OfToken(absl::string_view token) const;

  // The caller of the first line whose URI the certificate has; if there is none, of the first line
  // whose DNS name it has; otherwise null. DNS names are compared without regard to case
  // (RFC 4343). The common name counts only if the certificate has neither URIs nor DNS names
  // (RFC 6125).
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
  // The position of a token in `tokens_`.
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

  // The index of the first place whose `first_bytes` are not less than these.
  std::size_t PlaceOf(std::uint64_t first_bytes) const;

  std::vector<Token> tokens_;
  // One for each token, ordered by `first_bytes`, and a sentinel at the end, so that every search
  // ends at a place.
  std::vector<Place> places_ = {{std::numeric_limits<std::uint64_t>::max(), 0}};
  std::vector<Certificate> certificates_;
};

}  // namespace mlp

#endif  // MLP_SERVER_ACCESS_ACCESS_LIST_H_
