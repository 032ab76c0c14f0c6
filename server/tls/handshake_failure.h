// Counts failed TLS handshakes by reason. gRPC 1.51 reports the reason only in its log, as an
// OpenSSL error code.

#ifndef MLP_SERVER_TLS_HANDSHAKE_FAILURE_H_
#define MLP_SERVER_TLS_HANDSHAKE_FAILURE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace mlp {

enum class HandshakeFailure {
  kPlaintext,      // not TLS, e.g. plaintext gRPC or HTTP
  kVersion,        // TLS 1.1 or older
  kCipher,         // no cipher suite, curve or signature algorithm in common
  kNoCertificate,  // the client sent none
  kUntrusted,      // from another authority, expired, or not for clients
  kRevoked,        // on a revocation list
  kClientRefused,  // the client aborted because it does not trust the server
  kOther,
};
inline constexpr std::size_t kHandshakeFailures = 8;

// The value of the label `reason`.
absl::string_view NameOf(HandshakeFailure failure);

// The failure that a line of gRPC's log reports; nullopt if the line reports none. Thread-safe.
std::optional<HandshakeFailure> FailureInLogLine(absl::string_view line);

// Thread-safe.
class HandshakeFailures final {
 public:
  void Count(HandshakeFailure failure) { counts_[static_cast<std::size_t>(failure)].fetch_add(1); }
  std::int64_t Of(HandshakeFailure failure) const {
    return counts_[static_cast<std::size_t>(failure)].load();
  }

  // From now on, counts every failed handshake of this process here, until this object is
  // destroyed. Drops everything else that gRPC would log. gRPC has only one log, so only one object
  // may do this at a time.
  void CountFromLog();

  HandshakeFailures() = default;
  ~HandshakeFailures();
  HandshakeFailures(const HandshakeFailures&) = delete;
  HandshakeFailures& operator=(const HandshakeFailures&) = delete;

 private:
  std::array<std::atomic<std::int64_t>, kHandshakeFailures> counts_{};
};

}  // namespace mlp

#endif  // MLP_SERVER_TLS_HANDSHAKE_FAILURE_H_
