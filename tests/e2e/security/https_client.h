// A connection that speaks HTTP/1.1 over TLS, as the test chooses.

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
  // Connects to a port on the loopback address. `root` must have signed the server's certificate
  // for localhost. `most_version`: as in OpenSSL; 0 for its default.
  HttpsClient(int port, const MadeCertificate& root, int most_version = 0);
  ~HttpsClient();
  HttpsClient(const HttpsClient&) = delete;
  HttpsClient& operator=(const HttpsClient&) = delete;

  // Whether the handshake succeeded and the certificate is valid. Only then use the functions
  // below.
  bool connected() const { return http_ != nullptr; }
  std::string version() const;      // e.g. TLSv1.3
  std::string suite() const;        // e.g. TLS_AES_256_GCM_SHA384
  std::string certificate() const;  // the server's, in PEM
  RestClient& http() { return *http_; }

  // Asks for a new handshake on the same connection. Returns whether the server agrees.
  bool Renegotiates();

 private:
  ssl_st* ssl_;
  std::unique_ptr<RestClient> http_;
};

// Asks once, on a separate connection.
RestAnswer HttpsGet(int port, const MadeCertificate& root, const std::string& path,
                    const std::string& headers = "");

// Like ReadMetrics, but over TLS.
Samples ReadMetricsOverTls(int port, const MadeCertificate& root);

}  // namespace mlp

#endif  // MLP_TESTS_E2E_SECURITY_HTTPS_CLIENT_H_
