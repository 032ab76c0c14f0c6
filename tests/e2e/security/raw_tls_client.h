// A client of TLS that offers what the test wants, also what no right client would.

#ifndef MLP_TESTS_E2E_SECURITY_RAW_TLS_CLIENT_H_
#define MLP_TESTS_E2E_SECURITY_RAW_TLS_CLIENT_H_

#include <string>

namespace mlp {

struct TlsOffer {
  int least_version = 0;  // of OpenSSL; 0 for its own
  int most_version = 0;
  std::string suites = {};  // of TLS 1.2 and less; empty for OpenSSL's own
  std::string alpn = "h2";  // empty: none
};

struct TlsOutcome {
  bool done = false;    // the handshake was
  std::string version;  // what it came to, if so
  std::string suite;
  std::string alpn;
};

// Shakes hands with the port of this machine's loopback. Whom it talks to is not checked.
TlsOutcome ShakeHands(int port, const TlsOffer& offer);

}  // namespace mlp

#endif  // MLP_TESTS_E2E_SECURITY_RAW_TLS_CLIENT_H_
