// A connection of TLS that a test drives step by step, also as no library of gRPC's would.

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

// A version of OpenSSL's, such as TLS1_2_VERSION, by a name for messages.
struct TlsVersion {
  const char* name;
  int number;
};
inline constexpr TlsVersion kTlsVersions[] = {{"TLS 1.2", TLS1_2_VERSION},
                                              {"TLS 1.3", TLS1_3_VERSION}};

// What a client of HTTP/2 sends first: the preface and empty settings.
std::string Http2Greeting();

// What connections of one client have in common. Whom they talk to is not checked.
class TlsClient final {
 public:
  // Speaks `version` alone; with `certificate`, unless it is null.
  explicit TlsClient(const TlsVersion& version, const MadeCertificate* certificate = nullptr);

  SSL_CTX* get() const { return context_.get(); }

 private:
  OpensslPointer<SSL_CTX> context_;
};

class TlsConnection final {
 public:
  // Connects to this machine's loopback, from the address 127.0.0.`from`; offers to resume
  // `session`, unless it is null.
  TlsConnection(const TlsClient& client, int port, SSL_SESSION* session = nullptr, int from = 1);
  ~TlsConnection();
  TlsConnection(const TlsConnection&) = delete;
  TlsConnection& operator=(const TlsConnection&) = delete;

  // The first flight, which nobody has sent.
  std::string ClientHello();

  // Whether the handshake came to its end on this side. `behind` goes out in one piece with the
  // last flight of it, before the server can have decided on anything.
  bool ShakeHands(const std::string& behind = "");

  // Whether the server speaks HTTP/2 on it: its settings come.
  bool IsServed();

  // Encrypts and sends; false where the server has closed the connection or takes nothing for ten
  // seconds.
  bool Send(const std::string& bytes);

  // What the server sends, decrypted: a part at least; empty where it closes the connection, sends
  // an alert, or nothing for ten seconds.
  std::string Receive();

  // Sends what OpenSSL has made so far.
  bool Flush();

  // Sends bytes as they stand.
  bool SendRaw(const std::string& bytes);

  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  TlsSession session() const { return TlsSession(SSL_get1_session(ssl_.get())); }
  SSL* ssl() const { return ssl_.get(); }
  int socket() const { return socket_; }

 private:
  // Whether more has come, which OpenSSL has got then.
  bool Fetch();
  std::string TakeOutput();

  OpensslPointer<SSL> ssl_;
  BIO* input_;   // what has come, for ssl_, which owns it
  BIO* output_;  // what is to go
  int socket_;
};

// A session that no server but one of this process knows.
TlsSession SessionOfAnotherServer(const TlsClient& client, const MadeCertificate& certificate);

}  // namespace mlp

#endif  // MLP_TESTS_E2E_SECURITY_TLS_CONNECTION_H_
