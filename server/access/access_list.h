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
#include <string>
#include <unordered_map>
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

  // The caller that `token` is of, expired or not; null where nobody has it. Takes the same time
  // however many callers there are. That time tells a guesser nothing: it may depend on the digest
  // of the guess, but nobody can choose a token whose SHA-256 comes near a digest of the list.
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
  // By the first bytes of the digest, which are as random as any hash of it.
  using Tokens = std::unordered_multimap<std::uint64_t, Token>;
  struct Certificate {
    NameKind kind;
    std::string pattern;
    Caller caller;
  };

  struct Line;
  absl::Status Add(const Line& line);
  absl::Status AddToken(const Line& line, Caller caller);
  absl::Status AddCertificate(const Line& line, Caller caller);
  const Token* Find(const Digest& digest) const;

  Tokens tokens_;
  std::vector<Certificate> certificates_;
};

}  // namespace mlp

#endif  // MLP_SERVER_ACCESS_ACCESS_LIST_H_
