#include "server/tls/handshake_failure.h"

#include <grpc/support/log.h>
#include <openssl/err.h>
#include <openssl/sslerr.h>

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace mlp {
namespace {

constexpr absl::string_view kMark = "SSL_ERROR_SSL: error:";
constexpr std::size_t kCodeDigits = 8;

// gRPC's log callback has no context argument, so the object it counts in must be global.
std::atomic<HandshakeFailures*>& CountedFailures() {
  static std::atomic<HandshakeFailures*> counted = nullptr;
  return counted;
}

void OnLogLine(gpr_log_func_args* line) {
  const std::optional<HandshakeFailure> failure = FailureInLogLine(line->message);
  if (!failure.has_value()) return;
  if (HandshakeFailures* const counted = CountedFailures().load()) counted->Count(*failure);
}

}  // namespace

absl::string_view NameOf(HandshakeFailure failure) {
  switch (failure) {
    case HandshakeFailure::kPlaintext:
      return "plaintext";
    case HandshakeFailure::kVersion:
      return "version";
    case HandshakeFailure::kCipher:
      return "cipher";
    case HandshakeFailure::kNoCertificate:
      return "no_certificate";
    case HandshakeFailure::kUntrusted:
      return "untrusted";
    case HandshakeFailure::kRevoked:
      return "revoked";
    case HandshakeFailure::kClientRefused:
      return "client_refused";
    case HandshakeFailure::kOther:
      return "other";
  }
  return "";
}

std::optional<HandshakeFailure> FailureInLogLine(absl::string_view line) {
  const std::size_t mark = line.find(kMark);
  if (mark == absl::string_view::npos) return std::nullopt;
  std::uint32_t code = 0;
  if (!absl::SimpleHexAtoi(line.substr(mark + kMark.size(), kCodeDigits), &code)) {
    return HandshakeFailure::kOther;
  }
  switch (ERR_GET_LIB(code)) {
    case ERR_LIB_SSL:
      break;
    // The first error logged for a client certificate whose signature is not its authority's.
    case ERR_LIB_ASN1:
    case ERR_LIB_X509:
    case ERR_LIB_X509V3:
    case ERR_LIB_RSA:
    case ERR_LIB_EC:
    case ERR_LIB_PROV:
      return HandshakeFailure::kUntrusted;
    default:
      return HandshakeFailure::kOther;
  }
  switch (ERR_GET_REASON(code)) {
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_WRONG_VERSION_NUMBER:  // of the first record; plaintext has none
    case SSL_R_UNEXPECTED_MESSAGE:
    case SSL_R_BAD_RECORD_TYPE:
      return HandshakeFailure::kPlaintext;
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
      return HandshakeFailure::kVersion;
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SHARED_GROUPS:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
      return HandshakeFailure::kCipher;
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return HandshakeFailure::kNoCertificate;
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
    case SSL_R_NO_CERTIFICATES_RETURNED:
      return HandshakeFailure::kUntrusted;
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
      return HandshakeFailure::kClientRefused;
    default:
      return HandshakeFailure::kOther;
  }
}

void HandshakeFailures::CountFromLog() {
  CountedFailures().store(this);
  gpr_set_log_function(OnLogLine);
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);
}

HandshakeFailures::~HandshakeFailures() {
  HandshakeFailures* expected = this;
  CountedFailures().compare_exchange_strong(expected, nullptr);
}

}  // namespace mlp
