#include "tests/e2e/security/tls_connection.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>

#include "tests/e2e/loopback_socket.h"
#include "tests/http2_frame.h"

namespace mlp {
namespace {

constexpr int kPatienceMs = 10'000;

void Show(const MadeCertificate& certificate, SSL_CTX* context) {
  const std::string pem = certificate.pem();
  const std::string key_pem = certificate.key_pem();
  const OpensslPointer<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const OpensslPointer<X509> shown(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  const OpensslPointer<BIO> key_bio(
      BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())));
  const OpensslPointer<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr));
  SSL_CTX_use_certificate(context, shown.get());
  SSL_CTX_use_PrivateKey(context, key.get());
}

// OpenSSL does not resume a session whose connection ended without a shutdown.
void KeepSession(SSL* ssl) { SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); }

// Moves the output of one side to the other.
void Carry(SSL* from, SSL* to) {
  char bytes[4096];
  int size = 0;
  while ((size = BIO_read(SSL_get_wbio(from), bytes, sizeof(bytes))) > 0) {
    BIO_write(SSL_get_rbio(to), bytes, size);
  }
}

}  // namespace

std::string Http2Greeting() { return kPreface + Frame(kSettingsFrame, 0, 0, ""); }

TlsClient::TlsClient(const TlsVersion& version, const MadeCertificate* certificate)
    : context_(SSL_CTX_new(TLS_client_method())) {
  SSL_CTX_set_min_proto_version(context_.get(), version.number);
  SSL_CTX_set_max_proto_version(context_.get(), version.number);
  const unsigned char protocols[] = {2, 'h', '2'};
  SSL_CTX_set_alpn_protos(context_.get(), protocols, sizeof(protocols));
  if (certificate != nullptr) Show(*certificate, context_.get());
}

TlsConnection::TlsConnection(const TlsClient& client, int port, SSL_SESSION* session, int from)
    : ssl_(SSL_new(client.get())),
      input_(BIO_new(BIO_s_mem())),
      output_(BIO_new(BIO_s_mem())),
      socket_(ConnectToLoopback(port, from)) {
  BIO_set_mem_eof_return(input_, -1);
  SSL_set_bio(ssl_.get(), input_, output_);
  SSL_set_connect_state(ssl_.get());
  if (session != nullptr) SSL_set_session(ssl_.get(), session);
}

TlsConnection::~TlsConnection() {
  KeepSession(ssl_.get());
  ERR_clear_error();
  if (socket_ >= 0) close(socket_);
}

std::string TlsConnection::ClientHello() {
  SSL_do_handshake(ssl_.get());
  return TakeOutput();
}

bool TlsConnection::ShakeHands(const std::string& behind) {
  while (SSL_do_handshake(ssl_.get()) != 1) {
    const bool waits = SSL_get_error(ssl_.get(), -1) == SSL_ERROR_WANT_READ;
    ERR_clear_error();
    if (!Flush() || !waits || !Fetch()) return false;
  }
  if (!behind.empty()) {
    SSL_write(ssl_.get(), behind.data(), static_cast<int>(behind.size()));
  }
  return Flush();
}

bool TlsConnection::IsServed() {
  constexpr std::size_t kTypeAt = 3;
  if (!Send(Http2Greeting())) return false;
  const std::string received = Receive();
  return received.size() > kTypeAt && received[kTypeAt] == static_cast<char>(kSettingsFrame);
}

bool TlsConnection::Send(const std::string& bytes) {
  return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0 && Flush();
}

std::string TlsConnection::Receive() {
  char bytes[16'384];
  for (;;) {
    const int size = SSL_read(ssl_.get(), bytes, sizeof(bytes));
    if (size > 0) return {bytes, static_cast<std::size_t>(size)};
    const bool waits = SSL_get_error(ssl_.get(), size) == SSL_ERROR_WANT_READ;
    ERR_clear_error();
    if (!waits || !Fetch()) return "";
  }
}

bool TlsConnection::Flush() {
  const std::string bytes = TakeOutput();
  return bytes.empty() || SendRaw(bytes);
}

bool TlsConnection::SendRaw(const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    pollfd event{socket_, POLLOUT, 0};
    if (poll(&event, 1, kPatienceMs) <= 0) return false;
    const ssize_t put =
        send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (put <= 0) return false;
    sent += static_cast<std::size_t>(put);
  }
  return true;
}

bool TlsConnection::Fetch() {
  pollfd event{socket_, POLLIN, 0};
  char bytes[16'384];
  if (poll(&event, 1, kPatienceMs) <= 0) return false;
  const ssize_t size = recv(socket_, bytes, sizeof(bytes), MSG_DONTWAIT);
  if (size <= 0) return false;
  BIO_write(input_, bytes, static_cast<int>(size));
  return true;
}

std::string TlsConnection::TakeOutput() {
  std::string bytes(BIO_ctrl_pending(output_), '\0');
  if (!bytes.empty()) BIO_read(output_, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

TlsSession SessionOfAnotherServer(const TlsClient& client, const MadeCertificate& certificate) {
  const OpensslPointer<SSL_CTX> context(SSL_CTX_new(TLS_server_method()));
  Show(certificate, context.get());
  const OpensslPointer<SSL> server(SSL_new(context.get()));
  const OpensslPointer<SSL> own(SSL_new(client.get()));
  for (SSL* const side : {server.get(), own.get()}) {
    SSL_set_bio(side, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    BIO_set_mem_eof_return(SSL_get_rbio(side), -1);
  }
  SSL_set_accept_state(server.get());
  SSL_set_connect_state(own.get());
  for (int flight = 0; flight < 8; ++flight) {
    SSL_do_handshake(own.get());
    Carry(own.get(), server.get());
    SSL_do_handshake(server.get());
    Carry(server.get(), own.get());
  }
  char byte = 0;
  SSL_read(own.get(), &byte, 1);  // reads the tickets of TLS 1.3
  for (SSL* const side : {server.get(), own.get()}) KeepSession(side);
  ERR_clear_error();
  return TlsSession(SSL_get1_session(own.get()));
}

}  // namespace mlp
