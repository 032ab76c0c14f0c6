// A TLS client that offers what the test chooses, also what no proper client would.

#ifndef MLP_TESTS_E2E_SECURITY_RAW_TLS_CLIENT_H_
#define MLP_TESTS_E2E_SECURITY_RAW_TLS_CLIENT_H_

#include <string>

namespace mlp {

struct TlsOffer {
  int least_version = 0;  // as in OpenSSL; 0 for its default
  int most_version = 0;
  std::string suites = {};  // for TLS 1.2 and older; empty for OpenSSL's default
  std::string alpn = "h2";  // empty: none
};

struct TlsOutcome {
  bool done = false;    // whether the handshake succeeded
  std::string version;  // negotiated, if `done`
  std::string suite;
  std::string alpn;
};

// Makes a handshake with a port on the loopback address. Does not verify the server.
TlsOutcome ShakeHands(int port, const TlsOffer& offer);

}  // namespace mlp

#endif  // MLP_TESTS_E2E_SECURITY_RAW_TLS_CLIENT_H_
