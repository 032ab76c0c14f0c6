#include "tests/e2e/security/raw_tls_client.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "server/tls/openssl_pointers.h"
#include "tests/e2e/loopback_socket.h"

namespace mlp {
TlsOutcome ShakeHands(int port, const TlsOffer& offer) {
  const OpensslPointer<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
  // The client must offer what OpenSSL no longer offers by default: it is for the server to refuse.
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), offer.least_version);
  SSL_CTX_set_max_proto_version(context.get(), offer.most_version);
  TlsOutcome outcome;
  if (!offer.suites.empty() && SSL_CTX_set_cipher_list(context.get(), offer.suites.c_str()) != 1) {
    outcome.version = "this OpenSSL has no such suites";
    return outcome;
  }
  const int socket = ConnectToLoopback(port);
  const timeval patience{10, 0};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  const OpensslPointer<SSL> ssl(SSL_new(context.get()));
  if (!offer.alpn.empty()) {
    const std::string protocols = static_cast<char>(offer.alpn.size()) + offer.alpn;
    SSL_set_alpn_protos(ssl.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                        static_cast<unsigned>(protocols.size()));
  }
  SSL_set_fd(ssl.get(), socket);
  if (SSL_connect(ssl.get()) == 1) {
    outcome.done = true;
    outcome.version = SSL_get_version(ssl.get());
    outcome.suite = SSL_get_cipher_name(ssl.get());
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl.get(), &chosen, &size);
    if (chosen != nullptr) outcome.alpn.assign(reinterpret_cast<const char*>(chosen), size);
  }
  ERR_clear_error();
  close(socket);
  return outcome;
}

}  // namespace mlp
