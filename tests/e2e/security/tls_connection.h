// A TLS connection that a test drives step by step, also as none of gRPC's clients would.

#ifndef MLP_TESTS_E2E_SECURITY_TLS_CONNECTION_H_
#define MLP_TESTS_E2E_SECURITY_TLS_CONNECTION_H_

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "server/tls/openssl_pointers.h"
#include "tests/server/tls/certificate_maker.h"

namespace mlp {

struct FreeTlsSession {
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using TlsSession = std::unique_ptr<SSL_SESSION, FreeTlsSession>;

// A version in OpenSSL's terms, e.g. TLS1_2_VERSION, with a name for messages.
struct TlsVersion {
  const char* name;
  int number;
};
inline constexpr TlsVersion kTlsVersions[] = {{"TLS 1.2", TLS1_2_VERSION},
                                              {"TLS 1.3", TLS1_3_VERSION}};

// What an HTTP/2 client sends first: the preface and empty settings.
std::string Http2Greeting();

// What the connections of one client have in common. Does not verify the server.
class TlsClient final {
 public:
  // Speaks only `version`. `certificate`: the client's, unless null.
  explicit TlsClient(const TlsVersion& version, const MadeCertificate* certificate = nullptr);

  SSL_CTX* get() const { return context_.get(); }

 private:
  OpensslPointer<SSL_CTX> context_;
};

class TlsConnection final {
 public:
  // Connects to the loopback address, from 127.0.0.`from`. Offers to resume `session`, unless null.
  TlsConnection(const TlsClient& client, int port, SSL_SESSION* session = nullptr, int from = 1);
  ~TlsConnection();
  TlsConnection(const TlsConnection&) = delete;
  TlsConnection& operator=(const TlsConnection&) = delete;

  // The first flight, which has not been sent.
  std::string ClientHello();

  // Makes the handshake; returns whether it has ended on this side. `behind` is sent in one piece
  // with its last flight, before the server can have decided on anything.
  bool ShakeHands(const std::string& behind = "");

  // Whether the server speaks HTTP/2 on the connection: whether its settings arrive.
  bool IsServed();

  // Encrypts and sends `bytes`. Returns false if the server has closed the connection or takes
  // nothing for ten seconds.
  bool Send(const std::string& bytes);

  // Returns at least a part of what the server sends, decrypted. Returns nothing if the server
  // closes the connection, sends an alert, or sends nothing for ten seconds.
  std::string Receive();

  // Sends what OpenSSL has written so far.
  bool Flush();

  // Sends `bytes` unencrypted.
  bool SendRaw(const std::string& bytes);

  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  TlsSession session() const { return TlsSession(SSL_get1_session(ssl_.get())); }
  SSL* ssl() const { return ssl_.get(); }
  int socket() const { return socket_; }

 private:
  // Whether more has arrived; if so, passes it to OpenSSL.
  bool Fetch();
  std::string TakeOutput();

  OpensslPointer<SSL> ssl_;
  BIO* input_;   // received bytes for ssl_, which owns it
  BIO* output_;  // bytes to send
  int socket_;
};

// A session that only another server, in this process, knows.
TlsSession SessionOfAnotherServer(const TlsClient& client, const MadeCertificate& certificate);

}  // namespace mlp

#endif  // MLP_TESTS_E2E_SECURITY_TLS_CONNECTION_H_
