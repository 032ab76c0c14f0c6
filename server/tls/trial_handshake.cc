#include "server/tls/trial_handshake.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

// In a handshake, each side takes at most four turns.
constexpr int kMaxTurns = 16;

absl::Status NotUsable() {
  const unsigned long error = ERR_peek_last_error();
  const char* const reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  return absl::InvalidArgumentError(absl::StrCat("no handshake succeeds with it (",
                                                 reason == nullptr ? "no reason is known" : reason,
                                                 "); expected a key of ECDSA P-256, RSA with 2,048 "
                                                 "bits or the like, and signatures by SHA-256 "
                                                 "or better"));
}

// The server's side of the trial; null if OpenSSL refuses the certificate, the key or the chain.
OpensslPointer<SSL_CTX> MakeServer(const std::vector<OpensslPointer<X509>>& chain, EVP_PKEY& key) {
  OpensslPointer<SSL_CTX> server(SSL_CTX_new(TLS_server_method()));
  if (server == nullptr || SSL_CTX_set_min_proto_version(server.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_use_certificate(server.get(), chain.front().get()) != 1 ||
      SSL_CTX_use_PrivateKey(server.get(), &key) != 1) {
    return nullptr;
  }
  for (std::size_t i = 1; i < chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(server.get(), chain[i].get()) != 1) return nullptr;
  }
  return server;
}

// Connects the two through a pair of buffers instead of a socket.
bool Connect(SSL& server, SSL& client) {
  BIO* server_side = nullptr;
  BIO* client_side = nullptr;
  if (BIO_new_bio_pair(&server_side, 0, &client_side, 0) != 1) return false;
  SSL_set_bio(&server, server_side, server_side);
  SSL_set_bio(&client, client_side, client_side);
  SSL_set_accept_state(&server);
  SSL_set_connect_state(&client);
  return true;
}

// Whether the connection is waiting for the other side.
bool Waits(const SSL& connection, int result) {
  const int error = SSL_get_error(&connection, result);
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

}  // namespace

absl::Status TryHandshake(const std::vector<OpensslPointer<X509>>& chain, EVP_PKEY& key) {
  ERR_clear_error();
  const absl::Cleanup clear = [] { ERR_clear_error(); };
  const OpensslPointer<SSL_CTX> server_context = MakeServer(chain, key);
  const OpensslPointer<SSL_CTX> client_context(SSL_CTX_new(TLS_client_method()));
  if (server_context == nullptr || client_context == nullptr) return NotUsable();
  const OpensslPointer<SSL> server(SSL_new(server_context.get()));
  const OpensslPointer<SSL> client(SSL_new(client_context.get()));
  if (server == nullptr || client == nullptr || !Connect(*server, *client)) return NotUsable();
  for (int turn = 0; turn < kMaxTurns; ++turn) {
    const int at_client = SSL_do_handshake(client.get());
    if (at_client != 1 && !Waits(*client, at_client)) return NotUsable();
    const int at_server = SSL_do_handshake(server.get());
    if (at_server != 1 && !Waits(*server, at_server)) return NotUsable();
    if (at_client == 1 && at_server == 1) return absl::OkStatus();
  }
  return NotUsable();
}

}  // namespace mlp
