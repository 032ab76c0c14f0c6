#include "server/tls/http_tls.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>

#include <cstdarg>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

// TLS 1.3 and 1.2, with AEAD cipher suites and forward secrecy. SECURE128 excludes SHA-1
// signatures.
constexpr char kPriorities[] =
    "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:"
    "-CIPHER-ALL:+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305:-MAC-ALL:+AEAD:"
    "-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:%SERVER_PRECEDENCE";

// The line that the library logs for each failed handshake. It says neither which one nor why.
constexpr absl::string_view kFailedHandshake = "received handshake message out of context";

void CountInLine(void* failed, const char* format, va_list /*arguments*/) {
  if (absl::StrContains(format, kFailedHandshake)) {
    static_cast<std::atomic<std::int64_t>*>(failed)->fetch_add(1);
  }
}

gnutls_session_t SessionOf(MHD_Connection* connection) {
  const MHD_ConnectionInfo* const info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
  return info == nullptr ? nullptr : static_cast<gnutls_session_t>(info->tls_session);
}

}  // namespace

HttpTls::HttpTls(std::shared_ptr<const HttpIdentity> identity) : identity_(std::move(identity)) {
  // GnuTLS reads GNUTLS_DEBUG_LEVEL when it is loaded, and logs keys from level 9 upwards.
  gnutls_global_set_log_level(0);
}

// Holds the identity that a connection's handshake was given, until its session has ended.
class HttpTls::Session final {
 public:
  explicit Session(const HttpTls& tls) : tls_(tls) {}

  // GnuTLS calls this in each handshake; the session's pointer is a Session.
  static int Show(gnutls_session_t session, const gnutls_datum_t* /*authorities*/, int /*count*/,
                  const gnutls_pk_algorithm_t* /*algorithms*/, int /*algorithm_count*/,
                  gnutls_pcert_st** chain, unsigned* chain_length, gnutls_privkey_t* key) {
    auto* const self = static_cast<Session*>(gnutls_session_get_ptr(session));
    if (self == nullptr) return -1;
    self->identity_ = self->tls_.Current();
    *chain = self->identity_->chain();
    *chain_length = self->identity_->chain_length();
    *key = self->identity_->key();
    return 0;
  }

 private:
  const HttpTls& tls_;
  std::shared_ptr<const HttpIdentity> identity_;
};

void HttpTls::Take(std::shared_ptr<const HttpIdentity> identity) {
  const std::lock_guard lock(mutex_);
  identity_.swap(identity);
}

std::shared_ptr<const HttpIdentity> HttpTls::Current() const {
  const std::lock_guard lock(mutex_);
  return identity_;
}

unsigned HttpTls::DaemonFlags(const HttpTls* tls) {
  if (tls == nullptr) return MHD_USE_EPOLL_INTERNAL_THREAD;
  // With epoll, version 0.9.75 spins while a handshake waits for its client.
  return MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_TLS | MHD_USE_ERROR_LOG;
}

std::vector<MHD_OptionItem> HttpTls::DaemonOptions(HttpTls* tls) {
  std::vector<MHD_OptionItem> options;
  if (tls != nullptr) {
    options.push_back(
        {MHD_OPTION_EXTERNAL_LOGGER, reinterpret_cast<std::intptr_t>(&CountInLine), &tls->failed_});
    options.push_back({MHD_OPTION_HTTPS_PRIORITIES, 0, const_cast<char*>(kPriorities)});
    options.push_back({MHD_OPTION_HTTPS_CERT_CALLBACK, 0, reinterpret_cast<void*>(&Session::Show)});
  }
  options.push_back({MHD_OPTION_END, 0, nullptr});
  return options;
}

void HttpTls::Begin(HttpTls* tls, MHD_Connection* connection, void** context) {
  if (tls == nullptr) return;
  const gnutls_session_t session = SessionOf(connection);
  // This replaces the library's own pointer, which is only for pre-shared keys.
  gnutls_session_set_ptr(session, nullptr);
  auto* const begun = new Session(*tls);
  *context = begun;
  gnutls_session_set_ptr(session, begun);
}

// The library ends the session before this call.
void HttpTls::End(void** context) {
  delete static_cast<Session*>(*context);
  *context = nullptr;
}

}  // namespace mlp
