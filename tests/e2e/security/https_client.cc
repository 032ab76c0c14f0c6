#include "tests/e2e/security/https_client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <utility>

#include "server/tls/openssl_pointers.h"
#include "tests/e2e/loopback_socket.h"

namespace mlp {
namespace {

constexpr char kHttp11[] = "\x08http/1.1";

void Trust(const MadeCertificate& root, SSL_CTX* context) {
  const std::string pem = root.pem();
  const OpensslPointer<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const OpensslPointer<X509> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
}

}  // namespace

HttpsClient::HttpsClient(int port, const MadeCertificate& root, int most_version) {
  SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_max_proto_version(context, most_version);
  Trust(root, context);
  ssl_ = SSL_new(context);
  SSL_CTX_free(context);  // the connection holds it
  SSL_set1_host(ssl_, "localhost");
  SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(kHttp11), sizeof(kHttp11) - 1);
  const int socket = ConnectToLoopback(port);
  const timeval patience{60, 0};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  // As in HTTP clients: the request follows the handshake without a delay.
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  SSL_set_fd(ssl_, socket);
  if (SSL_connect(ssl_) == 1) {
    http_ = std::make_unique<RestClient>(
        socket, RestClient::Stream{[this](const char* bytes, std::size_t count) -> long {
                                     return SSL_write(ssl_, bytes, static_cast<int>(count));
                                   },
                                   [this](char* bytes, std::size_t most) -> long {
                                     return SSL_read(ssl_, bytes, static_cast<int>(most));
                                   }});
  } else {
    close(socket);
  }
  ERR_clear_error();
}

HttpsClient::~HttpsClient() {
  SSL_free(ssl_);
  ERR_clear_error();
}

std::string HttpsClient::version() const { return SSL_get_version(ssl_); }
std::string HttpsClient::suite() const { return SSL_get_cipher_name(ssl_); }

std::string HttpsClient::certificate() const {
  const OpensslPointer<BIO> bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), SSL_get0_peer_certificate(ssl_));
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

bool HttpsClient::Renegotiates() {
  const bool agreed = SSL_renegotiate(ssl_) == 1 && SSL_do_handshake(ssl_) == 1;
  ERR_clear_error();
  return agreed;
}

RestAnswer HttpsGet(int port, const MadeCertificate& root, const std::string& path,
                    const std::string& headers) {
  HttpsClient client(port, root);
  return client.connected() ? client.http().Get(path, headers) : RestAnswer();
}

Samples ReadMetricsOverTls(int port, const MadeCertificate& root) {
  return SamplesIn(HttpsGet(port, root, "/metrics").body);
}

}  // namespace mlp
