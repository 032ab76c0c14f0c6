// A certificate and its key as GnuTLS wants them, which has the HTTP library's TLS.

#ifndef MLP_SERVER_TLS_HTTP_IDENTITY_H_
#define MLP_SERVER_TLS_HTTP_IDENTITY_H_

#include <gnutls/abstract.h>

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mlp {

// Immutable: any number of handshakes, on any threads, may use it at once. Each has to hold it
// until its session is over, as GnuTLS keeps what it is given.
class HttpIdentity final {
 public:
  // Of a chain, the server's own certificate first, and its key, which were checked
  // (CheckServerIdentity). INVALID_ARGUMENT, beginning with "certificate: " or "key: ", where
  // GnuTLS does not take one, such as a key on a curve that it does not have. Thread-safe.
  static absl::StatusOr<std::shared_ptr<const HttpIdentity>> Make(absl::string_view certificate_pem,
                                                                  absl::string_view key_pem);
  ~HttpIdentity();
  HttpIdentity(const HttpIdentity&) = delete;
  HttpIdentity& operator=(const HttpIdentity&) = delete;

  // GnuTLS reads them alone, and takes them as mutable ones.
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
