// New certificates for HTTP while the server runs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <atomic>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/rest_client.h"
#include "tests/e2e/security/http_tls_test.h"
#include "tests/e2e/security/https_client.h"
#include "tests/e2e/security/secure_channel.h"
#include "tests/e2e/security/tls_files_on_disk.h"
#include "tests/e2e/server_log.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

TEST_F(HttpTlsTest, AppliesNewCertificatesWithoutFailingARequest) {
  StartServer();
  HttpsClient old_pages(http_port(), files_.root);
  ASSERT_TRUE(old_pages.connected());
  const std::string old_certificate = old_pages.certificate();
  ASSERT_EQ(Get(rest_port(), kModelReady).code, 200);
  const int descriptors = OpenDescriptors();
  std::atomic<bool> over = false;
  std::atomic<int> answered = 0;
  std::atomic<int> failed = 0;
  std::atomic<int> stalled = 0;
  const auto ask = [&](bool rest, bool with_new_connections) {
    std::unique_ptr<HttpsClient> client;
    absl::Time last = absl::Now();
    while (!over) {
      const int port = rest ? rest_port() : http_port();
      if (client == nullptr || with_new_connections) {
        client = std::make_unique<HttpsClient>(port, files_.root);
      }
      const bool ok =
          client->connected() && (rest ? client->http().Post(kInferPath, JsonRows(2)).code
                                       : client->http().Get("/metrics").code) == 200;
      if (ok) {
        ++answered;
      } else {
        ++(MayHaveStalled(absl::Now() - last) ? stalled : failed);
        client.reset();
      }
      last = absl::Now();
    }
  };
  int issued = 0;
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    stalled = 0;
    over = false;
    std::vector<std::thread> clients;
    clients.emplace_back(ask, false, true);
    clients.emplace_back(ask, true, true);
    clients.emplace_back(ask, true, false);
    for (int i = 0; i < 3; ++i) {
      files_.Issue();
      ++issued;
      EXPECT_TRUE(Eventually([&] {
        return Metric("mlp_tls_reloads_total{result=\"taken_over\"}") >= issued;
      })) << server_->log();
    }
    over = true;
    for (std::thread& client : clients) client.join();
    if (stalled == 0) break;
  }
  EXPECT_EQ(stalled, 0) << "each time, a client failed after about 5 s";
  EXPECT_EQ(failed, 0);
  EXPECT_GT(answered, 10);
  for (const int port : {http_port(), rest_port()}) {
    HttpsClient now(port, files_.root);
    ASSERT_TRUE(now.connected());
    EXPECT_NE(now.certificate(), old_certificate);
  }
  EXPECT_TRUE(Eventually([&] { return OpenDescriptors() <= descriptors + 1; }))
      << OpenDescriptors() << " open, " << descriptors << " before";
  std::cout << answered << " requests, " << failed << " failed\n";
}

TEST_F(HttpTlsTest, RefusesABrokenPairAndKeepsServingWithTheOldOne) {
  StartServer();
  HttpsClient before(rest_port(), files_.root);
  ASSERT_TRUE(before.connected());
  const MadeCertificate other = files_.root.Issue({});
  files_.Write("server.pem", other.pem());  // without its key
  EXPECT_TRUE(Eventually([&] { return Metric("mlp_tls_reloads_total{result=\"refused\"}") == 1; }));
  for (const int port : {http_port(), rest_port()}) {
    HttpsClient now(port, files_.root);
    ASSERT_TRUE(now.connected());
    EXPECT_EQ(now.certificate(), before.certificate());
  }
  files_.Write("server.key", other.key_pem());  // now with its key
  EXPECT_TRUE(Eventually([&] {
    HttpsClient now(rest_port(), files_.root);
    return now.connected() && now.certificate() == other.pem();
  }));
}

TEST_F(HttpTlsTest, AcceptsItsOwnFilesWithEachKindOfKey) {
  for (const KeyKind kind : {KeyKind::kEcdsa, KeyKind::kRsa2048, KeyKind::kEd25519}) {
    const MadeCertificate own = files_.root.Issue({.common_name = "pages", .key = kind});
    files_.Write("http.key", own.key_pem());
    files_.Write("http.pem", own.pem());
    // Without --tls-cert, gRPC stays in plaintext.
    StartWith({"--http-tls", "--http-tls-cert", files_.Path("http.pem"), "--http-tls-key",
               files_.Path("http.key"), "--rest-address", "127.0.0.1:0"});
    ASSERT_NE(server_, nullptr);
    for (const int version : {0, TLS1_2_VERSION}) {
      HttpsClient client(http_port(), files_.root, version);
      ASSERT_TRUE(client.connected()) << static_cast<int>(kind) << " " << version;
      EXPECT_EQ(client.certificate(), own.pem());
      EXPECT_EQ(client.http().Get("/ready").code, 200);
    }
    EXPECT_NEAR(
        Metric("mlp_tls_certificate_not_after_timestamp_seconds{file=\"http_certificate\"}"),
        static_cast<double>(time(nullptr)) + 86'400 - 3'600, 600);
    EXPECT_TRUE(AskWith(OpenChannel(server_->grpc_address()), "digits-tanh").ok());
  }
  const MadeCertificate next = files_.root.Issue({.common_name = "pages"});
  files_.Write("http.key", next.key_pem());
  EXPECT_TRUE(Logs(*server_, "the new TLS files for HTTP are refused"));
  EXPECT_TRUE(Logs(*server_, "--http-tls-cert and --http-tls-key: "));
  files_.Write("http.pem", next.pem());
  EXPECT_TRUE(Logs(*server_, "the new TLS files for HTTP are in use"));
  HttpsClient client(http_port(), files_.root);
  ASSERT_TRUE(client.connected());
  EXPECT_EQ(client.certificate(), next.pem());
}

}  // namespace
}  // namespace mlp
