// A connection that speaks HTTP/1.1 over TLS as the test wants it.

#ifndef MLP_TESTS_E2E_SECURITY_HTTPS_CLIENT_H_
#define MLP_TESTS_E2E_SECURITY_HTTPS_CLIENT_H_

#include <memory>
#include <string>

#include "tests/e2e/http_get.h"
#include "tests/e2e/rest_client.h"
#include "tests/server/tls/certificate_maker.h"

struct ssl_st;

namespace mlp {

class HttpsClient final {
 public:
  // To a port of this machine's loopback, whose certificate for localhost `root` must have signed.
  // `most_version`: of OpenSSL; 0 for its own.
  HttpsClient(int port, const MadeCertificate& root, int most_version = 0);
  ~HttpsClient();
  HttpsClient(const HttpsClient&) = delete;
  HttpsClient& operator=(const HttpsClient&) = delete;

  // Whether the handshake is done and the certificate is right; then the following are of use.
  bool connected() const { return http_ != nullptr; }
  std::string version() const;      // such as TLSv1.3
  std::string suite() const;        // such as TLS_AES_256_GCM_SHA384
  std::string certificate() const;  // the server's, in PEM
  RestClient& http() { return *http_; }

  // Asks for a new handshake on the same connection; whether the server agrees to it.
  bool Renegotiates();

 private:
  ssl_st* ssl_;
  std::unique_ptr<RestClient> http_;
};

// Asks once, on a connection of its own.
RestAnswer HttpsGet(int port, const MadeCertificate& root, const std::string& path,
                    const std::string& headers = "");

// As ReadMetrics.
Samples ReadMetricsOverTls(int port, const MadeCertificate& root);

}  // namespace mlp

#endif  // MLP_TESTS_E2E_SECURITY_HTTPS_CLIENT_H_
