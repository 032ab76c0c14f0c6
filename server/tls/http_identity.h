// A certificate and its key for GnuTLS, which the HTTP library uses for TLS.

#ifndef MLP_SERVER_TLS_HTTP_IDENTITY_H_
#define MLP_SERVER_TLS_HTTP_IDENTITY_H_

#include <gnutls/abstract.h>

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mlp {

// Immutable: any number of handshakes, on any threads, may use it at the same time. Each must hold
// it until its session has ended, because GnuTLS keeps the pointers it is given.
class HttpIdentity final {
 public:
  // From a chain, the server's own certificate first, and its key. Both must have passed
  // CheckServerIdentity. INVALID_ARGUMENT, beginning with "certificate: " or "key: ", if GnuTLS
  // does not accept one, e.g. a key on a curve that it does not support. Thread-safe.
  static absl::StatusOr<std::shared_ptr<const HttpIdentity>> Make(absl::string_view certificate_pem,
                                                                  absl::string_view key_pem);
  ~HttpIdentity();
  HttpIdentity(const HttpIdentity&) = delete;
  HttpIdentity& operator=(const HttpIdentity&) = delete;

  // GnuTLS only reads the chain, but takes a pointer to non-const.
  gnutls_pcert_st* chain() const { return const_cast<gnutls_pcert_st*>(chain_.data()); }
  unsigned chain_length() const { return static_cast<unsigned>(chain_.size()); }
  gnutls_privkey_t key() const { return key_; }

 private:
  HttpIdentity() = default;

  std::vector<gnutls_pcert_st> chain_;
  gnutls_privkey_t key_ = nullptr;
};

}  // namespace mlp

#endif  // MLP_SERVER_TLS_HTTP_IDENTITY_H_
