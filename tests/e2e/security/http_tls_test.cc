// TLS of the HTTP port and of REST: what they accept, how they withstand attacks, and new
// certificates while they serve.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/loopback_socket.h"
#include "tests/e2e/process_times.h"
#include "tests/e2e/rest_client.h"
#include "tests/e2e/security/https_client.h"
#include "tests/e2e/security/raw_tls_client.h"
#include "tests/e2e/security/secure_channel.h"
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

constexpr char kInferPath[] = "/v2/models/digits-tanh/infer";
constexpr char kModelReady[] = "/v2/models/digits-tanh/ready";
const char* const kHttpPages[] = {"/live", "/ready",       "/metrics",
                                  "/",     "/status.json", "/models/digits-tanh"};

// A JSON request whose rows differ.
std::string JsonRows(int rows) {
  std::string data;
  for (int i = 0; i < rows * 64; ++i) absl::StrAppend(&data, i == 0 ? "" : ",", i % 17, ".5");
  return absl::StrCat(R"({"inputs":[{"name":"pixels","datatype":"FP32","shape":[)", rows,
                      R"(,64],"data":[)", data, "]}]}");
}

class HttpTlsTest : public ::testing::Test {
 protected:
  // A server may close a connection while the test writes to it.
  void SetUp() override { std::signal(SIGPIPE, SIG_IGN); }

  void StartServer(const std::vector<std::string>& more = {}) {
    std::vector<std::string> options = files_.ServerOptions();
    options.insert(options.end(), {"--http-tls", "--rest-address", "127.0.0.1:0"});
    options.insert(options.end(), more.begin(), more.end());
    StartWith(std::move(options));
  }
  void StartWith(std::vector<std::string> options) {
    auto server = ServerProcess::StartOnSampleModels(std::move(options));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  int http_port() const { return server_->http_port(); }
  int rest_port() const { return server_->rest_port(); }
  RestAnswer Get(int port, const std::string& path) const {
    return HttpsGet(port, files_.root, path);
  }
  double Metric(const std::string& name) const {
    return ReadMetricsOverTls(http_port(), files_.root)[name];
  }
  double FailedHandshakes() const { return Metric("mlp_http_tls_handshakes_failed_total"); }

  int OpenDescriptors() const {
    const std::filesystem::path folder =
        std::filesystem::path("/proc") / std::to_string(server_->pid()) / "fd";
    return static_cast<int>(std::distance(std::filesystem::directory_iterator(folder), {}));
  }

  TlsFilesOnDisk files_;
  std::unique_ptr<ServerProcess> server_;
};

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

TEST_F(HttpTlsTest, ShakesHandsOnceInAConnection) {
  StartServer();
  for (const int port : {http_port(), rest_port()}) {
    HttpsClient client(port, files_.root, TLS1_2_VERSION);
    ASSERT_TRUE(client.connected());
    EXPECT_FALSE(client.Renegotiates());
    EXPECT_EQ(Get(port, port == http_port() ? "/live" : kModelReady).code, 200);
  }
}

// At each port, 20 handshakes stop in the middle, and one continues byte by byte.
TEST_F(HttpTlsTest, ClosesHandshakesThatDoNotEndAndServesOthersMeanwhile) {
  StartServer();
  const std::string begun("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
  std::vector<int> slow;
  for (const int port : {http_port(), rest_port()}) {
    slow.push_back(ConnectToLoopback(port));  // silent
    for (int i = 0; i < 20; ++i) {
      slow.push_back(ConnectToLoopback(port));
      send(slow.back(), begun.data(), begun.size(), MSG_NOSIGNAL);
    }
  }
  std::atomic<bool> over = false;
  std::thread dribbling([&] {
    for (const int port : {http_port(), rest_port()}) {
      const int socket = ConnectToLoopback(port);
      send(socket, begun.data(), begun.size(), MSG_NOSIGNAL);
      const absl::Time end = absl::Now() + absl::Seconds(14);
      while (!over && absl::Now() < end && send(socket, "x", 1, MSG_NOSIGNAL) == 1) {
        absl::SleepFor(absl::Milliseconds(300));
      }
      EXPECT_TRUE(over || absl::Now() < end) << "port " << port;
      close(socket);
    }
  });
  // While they wait, they take no CPU time of the server and do not delay other clients.
  const double before = CpuSeconds(server_->pid());
  absl::SleepFor(absl::Seconds(3));
  EXPECT_LT(CpuSeconds(server_->pid()) - before, 1.0);
  for (int i = 0; i < 10; ++i) {
    const absl::Time start = absl::Now();
    EXPECT_EQ(Get(http_port(), "/live").code, 200);
    EXPECT_EQ(Get(rest_port(), kModelReady).code, 200);
    EXPECT_LT(absl::Now() - start, absl::Seconds(2));
  }
  for (const int socket : slow) {
    EXPECT_TRUE(IsClosedByPeer(socket, 15'000));
    close(socket);
  }
  dribbling.join();
  over = true;
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

TEST_F(HttpTlsTest, AnswersManyAtOnceAndForgetsThoseThatGo) {
  StartServer();
  ASSERT_EQ(Get(http_port(), "/metrics").code, 200);
  ASSERT_EQ(Get(rest_port(), kModelReady).code, 200);
  const int descriptors = OpenDescriptors();
  const std::string body = JsonRows(50);
  std::atomic<int> answered = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&, i] {
      for (int k = 0; k < 10; ++k) {
        HttpsClient client(i % 2 == 0 ? http_port() : rest_port(), files_.root);
        if (!client.connected()) continue;
        // Both pages and inference are answered by other threads.
        answered += i % 2 == 0 ? client.http().Get(kHttpPages[k % 6]).code == 200
                               : client.http().Post(kInferPath, body).code == 200;
        // This client leaves before its answer arrives.
        client.http().Send(i % 2 == 0 ? "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
                                      : RestClient::PostRequest(kInferPath, body));
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(answered, 80);
  EXPECT_TRUE(Eventually([&] { return OpenDescriptors() <= descriptors; }))
      << OpenDescriptors() << " open, " << descriptors << " before";
  EXPECT_EQ(Get(http_port(), "/metrics").code, 200);
}

TEST_F(HttpTlsTest, OthersGetTheMetricsBesideThoseThatDoNotRead) {
  StartServer();
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
  std::vector<std::unique_ptr<HttpsClient>> unread;
  for (int i = 0; i < 50; ++i) {
    unread.push_back(std::make_unique<HttpsClient>(http_port(), files_.root));
    if (unread.back()->connected()) unread.back()->http().Send(requests);
    absl::SleepFor(absl::Milliseconds(50));
  }
  absl::SleepFor(absl::Seconds(1));
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Get(http_port(), "/metrics").code, 200) << "scrape " << i;
    EXPECT_EQ(Get(http_port(), "/live").code, 200) << "probe " << i;
  }
}

TEST_F(HttpTlsTest, TakesNewCertificatesOverAndFailsNoRequest) {
  StartServer();
  HttpsClient old_pages(http_port(), files_.root);
  ASSERT_TRUE(old_pages.connected());
  const std::string old_certificate = old_pages.certificate();
  ASSERT_EQ(Get(rest_port(), kModelReady).code, 200);
  const int descriptors = OpenDescriptors();
  std::atomic<bool> over = false;
  std::atomic<int> answered = 0;
  std::atomic<int> failed = 0;
  const auto ask = [&](bool rest, bool with_new_connections) {
    std::unique_ptr<HttpsClient> client;
    while (!over) {
      const int port = rest ? rest_port() : http_port();
      if (client == nullptr || with_new_connections) {
        client = std::make_unique<HttpsClient>(port, files_.root);
      }
      const bool ok =
          client->connected() && (rest ? client->http().Post(kInferPath, JsonRows(2)).code
                                       : client->http().Get("/metrics").code) == 200;
      ++(ok ? answered : failed);
      if (!ok) client.reset();
    }
  };
  std::vector<std::thread> clients;
  clients.emplace_back(ask, false, true);
  clients.emplace_back(ask, true, true);
  clients.emplace_back(ask, true, false);
  for (int i = 1; i <= 3; ++i) {
    files_.Issue();
    EXPECT_TRUE(Eventually([&] {
      return Metric("mlp_tls_reloads_total{result=\"taken_over\"}") >= i;
    })) << server_->log();
  }
  over = true;
  for (std::thread& client : clients) client.join();
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

TEST_F(HttpTlsTest, RefusesABrokenPairAndServesOnWithTheOldOne) {
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

TEST_F(HttpTlsTest, HasFilesOfItsOwnOfEachKindOfKey) {
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

TEST_F(HttpTlsTest, AsksForTokensOverRest) {
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

TEST_F(HttpTlsTest, ShowsTheKeyToNobody) {
  StartServer({"--log-level", "debug"});
  std::string told;
  for (const char* path : kHttpPages) absl::StrAppend(&told, Get(http_port(), path).body);
  absl::StrAppend(&told, Get(rest_port(), "/v2").body, Get(rest_port(), kModelReady).body);
  files_.Write("server.pem", files_.client.key_pem());  // a key where certificates belong
  EXPECT_TRUE(Logs(*server_, "the new TLS files are refused"));
  absl::StrAppend(&told, server_->log());
  const std::string key = files_.client.key_pem();
  EXPECT_THAT(told, Not(HasSubstr(key.substr(key.find('\n') + 1, 40))));
  EXPECT_THAT(told, Not(HasSubstr("PRIVATE KEY")));
}

}  // namespace
}  // namespace mlp
