// TLS of the HTTP port and of REST: what they accept, and that they answer as in plaintext.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/rest_client.h"
#include "tests/e2e/security/http_tls_test.h"
#include "tests/e2e/security/https_client.h"
#include "tests/e2e/security/raw_tls_client.h"
#include "tests/e2e/security/tls_files_on_disk.h"
#include "tests/e2e/security/tokens_on_disk.h"
#include "tests/e2e/server_log.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(HttpTlsTest, AnswersEachPathOverTls13AndTls12WithAeadSuites) {
  StartServer();
  EXPECT_THAT(server_->log(), HasSubstr(", with TLS: the status page"));
  for (const int version : {0, TLS1_2_VERSION}) {
    HttpsClient rest(rest_port(), files_.root, version);
    ASSERT_TRUE(rest.connected());
    for (const char* path : kHttpPages) {
      // This port closes its connections after an answer.
      HttpsClient client(http_port(), files_.root, version);
      ASSERT_TRUE(client.connected());
      for (HttpsClient* one : {&client, &rest}) {
        EXPECT_EQ(one->version(), version == 0 ? "TLSv1.3" : "TLSv1.2");
        EXPECT_THAT(one->suite(), AnyOf(HasSubstr("GCM"), HasSubstr("POLY1305")));
      }
      const RestAnswer page = client.http().Get(path);
      EXPECT_EQ(page.code, 200) << path;
      EXPECT_NE(page.body, "") << path;
    }
    EXPECT_EQ(rest.http().Get("/v2/health/ready").code, 200);
    EXPECT_EQ(rest.http().Get(kModelReady).code, 200);
    EXPECT_EQ(rest.http().Post(kInferPath, JsonRows(1)).code, 200);
    EXPECT_EQ(rest.http().Post(kInferPath, "{").code, 400);
    EXPECT_EQ(rest.http().Post("/v2/repository/index", "").code, 200);
  }
  EXPECT_EQ(FailedHandshakes(), 0);
}

TEST_F(HttpTlsTest, RefusesPlaintextOldVersionsAndWeakSuites) {
  // RSA also has cipher suites without forward secrecy.
  const MadeCertificate rsa = files_.root.Issue({.key = KeyKind::kRsa2048});
  files_.Write("rsa.key", rsa.key_pem());
  files_.Write("rsa.pem", rsa.pem());
  const struct {
    const char* name;
    TlsOffer offer;
    bool of_rsa = false;
  } cases[] = {
      {"TLS 1.0", {TLS1_VERSION, TLS1_VERSION}},
      {"TLS 1.1", {TLS1_1_VERSION, TLS1_1_VERSION}},
      {"CBC", {TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256"}},
      {"CBC with SHA-1", {TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-AES256-SHA"}},
      {"CCM", {TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-AES128-CCM"}},
      {"no encryption", {TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-NULL-SHA"}},
      {"no authentication", {TLS1_2_VERSION, TLS1_2_VERSION, "AECDH-AES128-SHA"}},
      {"no forward secrecy", {TLS1_2_VERSION, TLS1_2_VERSION, "AES128-GCM-SHA256"}, true},
      {"CBC of RSA", {TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-RSA-AES128-SHA256"}, true},
      {"finite fields", {TLS1_2_VERSION, TLS1_2_VERSION, "DHE-RSA-AES128-GCM-SHA256"}, true},
  };
  for (const bool of_rsa : {false, true}) {
    if (of_rsa) {
      StartServer(
          {"--http-tls-cert", files_.Path("rsa.pem"), "--http-tls-key", files_.Path("rsa.key")});
    } else {
      StartServer();
    }
    for (const int port : {http_port(), rest_port()}) {
      double failed = FailedHandshakes();
      for (const auto& one : cases) {
        if (one.of_rsa != of_rsa) continue;
        const TlsOutcome outcome = ShakeHands(port, one.offer);
        EXPECT_FALSE(outcome.done) << one.name << ": " << outcome.version << " " << outcome.suite;
        EXPECT_EQ(outcome.version, "") << one.name;
        ++failed;
        EXPECT_TRUE(Eventually([&] { return FailedHandshakes() == failed; })) << one.name;
      }
      const std::string suite =
          of_rsa ? "ECDHE-RSA-AES128-GCM-SHA256" : "ECDHE-ECDSA-CHACHA20-POLY1305";
      EXPECT_TRUE(ShakeHands(port, {TLS1_2_VERSION, TLS1_2_VERSION, suite, "http/1.1"}).done);
      EXPECT_EQ(HttpGet(port, "/live").code, 0);
      EXPECT_TRUE(Eventually([&] { return FailedHandshakes() == failed + 1; }));
    }
    EXPECT_EQ(Get(http_port(), "/live").code, 200);
  }
}

TEST_F(HttpTlsTest, PerformsOneHandshakePerConnection) {
  StartServer();
  for (const int port : {http_port(), rest_port()}) {
    HttpsClient client(port, files_.root, TLS1_2_VERSION);
    ASSERT_TRUE(client.connected());
    EXPECT_FALSE(client.Renegotiates());
    EXPECT_EQ(Get(port, port == http_port() ? "/live" : kModelReady).code, 200);
  }
}

TEST_F(HttpTlsTest, AnswersLargeBodiesAsInPlaintext) {
  StartServer();
  auto plain = ServerProcess::StartOnSampleModels({"--rest-address", "127.0.0.1:0"});
  ASSERT_TRUE(plain.ok()) << plain.status();
  for (const int version : {0, TLS1_2_VERSION}) {
    RestClient expected((*plain)->rest_port());
    HttpsClient client(rest_port(), files_.root, version);
    ASSERT_TRUE(client.connected());
    for (const int rows : {1, 100, 4'000, 3}) {
      const std::string body = JsonRows(rows);
      const RestAnswer answer = client.http().Post(kInferPath, body);
      ASSERT_EQ(answer.code, 200) << rows;
      EXPECT_EQ(answer.body, expected.Post(kInferPath, body).body) << rows;
    }
    // Several requests in a row, in records that end anywhere.
    const std::string request = RestClient::PostRequest(kInferPath, JsonRows(20));
    std::string requests;
    for (int i = 0; i < 10; ++i) requests += request;
    for (std::size_t sent = 0, piece = 1; sent < requests.size(); sent += piece, piece += 997) {
      ASSERT_TRUE(client.http().Send(requests.substr(sent, piece)));
    }
    const std::string answer = expected.Post(kInferPath, JsonRows(20)).body;
    for (int i = 0; i < 10; ++i) EXPECT_EQ(client.http().Read().body, answer) << i;
  }
}

TEST_F(HttpTlsTest, RequiresTokensOverRest) {
  files_.Write("tokens", TokenLine("asker", "infer", "digits-tanh", "infer-token") +
                             TokenLine("operator", "admin", "*", "admin-token"));
  StartServer({"--tokens-file", files_.Path("tokens")});
  HttpsClient client(rest_port(), files_.root);
  ASSERT_TRUE(client.connected());
  RestClient& rest = client.http();
  const std::string infer = "Authorization: Bearer infer-token\r\n";
  EXPECT_EQ(rest.Post(kInferPath, JsonRows(1)).code, 401);
  EXPECT_EQ(rest.Post(kInferPath, JsonRows(1), "Authorization: Bearer wrong\r\n").code, 401);
  EXPECT_EQ(rest.Post(kInferPath, JsonRows(1), infer).code, 200);
  EXPECT_EQ(rest.Post("/v2/models/digits-elu/infer", JsonRows(1), infer).code, 403);
  EXPECT_EQ(rest.Post("/v2/repository/index", "", infer).code, 403);
  EXPECT_EQ(rest.Post("/v2/repository/index", "", "Authorization: Bearer admin-token\r\n").code,
            200);
  EXPECT_EQ(rest.Get("/v2/health/ready").code, 200);
}

TEST_F(HttpTlsTest, NeverRevealsTheKey) {
  StartServer({"--log-level", "debug"});
  std::string texts;
  for (const char* path : kHttpPages) absl::StrAppend(&texts, Get(http_port(), path).body);
  absl::StrAppend(&texts, Get(rest_port(), "/v2").body, Get(rest_port(), kModelReady).body);
  files_.Write("server.pem", files_.client.key_pem());  // a key where certificates belong
  EXPECT_TRUE(Logs(*server_, "the new TLS files are refused"));
  absl::StrAppend(&texts, server_->log());
  const std::string key = files_.client.key_pem();
  EXPECT_THAT(texts, Not(HasSubstr(key.substr(key.find('\n') + 1, 40))));
  EXPECT_THAT(texts, Not(HasSubstr("PRIVATE KEY")));
}

}  // namespace
}  // namespace mlp
