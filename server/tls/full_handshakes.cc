#include "server/tls/full_handshakes.h"

#include <openssl/ssl.h>

#include <new>

namespace mlp {
namespace {

// OpenSSL calls these while it creates a context and a connection (CRYPTO_get_ex_new_index(3)).
void OnNewContext(void* context, void* /*value*/, CRYPTO_EX_DATA* /*data*/, int /*index*/,
                  long /*number*/, void* /*pointer*/) {
  SSL_CTX_set_session_cache_mode(static_cast<SSL_CTX*>(context), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(static_cast<SSL_CTX*>(context), SSL_OP_NO_TICKET);
}

// A context's number of tickets is set after the call above. Without the cache, TLS 1.3 tickets
// would be useless but still sent.
void OnNewConnection(void* connection, void* /*value*/, CRYPTO_EX_DATA* /*data*/, int /*index*/,
                     long /*number*/, void* /*pointer*/) {
  SSL_set_num_tickets(static_cast<SSL*>(connection), 0);
}

// Registers both functions. Returns whether OpenSSL will call them.
bool Register() {
  return SSL_CTX_get_ex_new_index(0, nullptr, OnNewContext, nullptr, nullptr) >= 0 &&
         SSL_get_ex_new_index(0, nullptr, OnNewConnection, nullptr, nullptr) >= 0;
}

}  // namespace

void RequireFullHandshakes() {
  static const bool registered = Register();
  if (!registered) throw std::bad_alloc();
}

}  // namespace mlp
