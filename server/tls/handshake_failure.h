// Why handshakes of TLS failed. gRPC 1.51 tells it in its log alone, by OpenSSL's code.

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
  kPlaintext,      // no TLS, such as gRPC without it, or HTTP
  kVersion,        // TLS 1.1 or less
  kCipher,         // no suite, curve or signature in common
  kNoCertificate,  // the client showed none
  kUntrusted,      // of another authority, expired, or not for clients
  kRevoked,        // on a revocation list
  kClientRefused,  // the client broke it off, as it does not trust the server
  kOther,
};
inline constexpr std::size_t kHandshakeFailures = 8;

// The value of the label `reason`.
absl::string_view NameOf(HandshakeFailure failure);

// What a line of gRPC's log tells; nothing where it is not of a failed handshake. Thread-safe.
std::optional<HandshakeFailure> FailureInLogLine(absl::string_view line);

// Thread-safe.
class HandshakeFailures final {
 public:
  void Count(HandshakeFailure failure) { counts_[static_cast<std::size_t>(failure)].fetch_add(1); }
  std::int64_t Of(HandshakeFailure failure) const {
    return counts_[static_cast<std::size_t>(failure)].load();
  }

  // Has every failed handshake of this process counted here from now on, until this goes, and drops
  // what else gRPC would log. There is one log of gRPC's, so only one may do so at a time.
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
