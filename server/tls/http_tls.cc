#include "server/tls/http_tls.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>

#include <cstdarg>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace mlp {
namespace {

// TLS 1.3 and 1.2, with suites that encrypt and authenticate at once and whose keys nobody can
// compute afterwards. Signatures with SHA-1 are none of SECURE128's.
constexpr char kPriorities[] =
    "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:"
    "-CIPHER-ALL:+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305:-MAC-ALL:+AEAD:"
    "-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1:%SERVER_PRECEDENCE";

// The library's line of every handshake that failed. It tells neither which nor why.
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
  // GnuTLS reads GNUTLS_DEBUG_LEVEL when it is loaded, and from level 9 on logs the keys.
  gnutls_global_set_log_level(0);
}

// What a connection's handshake was given, until its session is over.
class HttpTls::Session final {
 public:
  explicit Session(const HttpTls& tls) : tls_(tls) {}

  // GnuTLS calls it in each handshake, with a Session as the session's pointer.
  static int Show(gnutls_session_t session, const gnutls_datum_t* /*authorities*/, int /*count*/,
                  const gnutls_pk_algorithm_t* /*algorithms*/, int /*algorithm_count*/,
                  gnutls_pcert_st** chain, unsigned* chain_length, gnutls_privkey_t* key) {
    auto* const its = static_cast<Session*>(gnutls_session_get_ptr(session));
    if (its == nullptr) return -1;
    its->identity_ = its->tls_.Current();
    *chain = its->identity_->chain();
    *chain_length = its->identity_->chain_length();
    *key = its->identity_->key();
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
  // With epoll, version 0.9.75 goes round without a pause while a handshake waits for its client.
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
  // The library's own pointer, in whose place this comes, is for pre-shared keys alone.
  gnutls_session_set_ptr(session, nullptr);
  auto* const begun = new Session(*tls);
  *context = begun;
  gnutls_session_set_ptr(session, begun);
}

// The library ends the session before.
void HttpTls::End(void** context) {
  delete static_cast<Session*>(*context);
  *context = nullptr;
}

}  // namespace mlp
