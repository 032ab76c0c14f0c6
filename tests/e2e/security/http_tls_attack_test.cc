// What clients of HTTP over TLS cannot do: keep handshakes open, leave descriptors behind, or delay
// others by not reading.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/e2e/loopback_socket.h"
#include "tests/e2e/process_times.h"
#include "tests/e2e/rest_client.h"
#include "tests/e2e/security/http_tls_test.h"
#include "tests/e2e/security/https_client.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

// At each port, 20 handshakes stop in the middle, and one continues byte by byte.
TEST_F(HttpTlsTest, ClosesUnfinishedHandshakesWhileServingOthers) {
  StartServer();
  const std::string begun("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
  bool others_wait = true;
  for (int attempt = 0; attempt < kMaxAttempts && others_wait; ++attempt) {
    std::vector<int> slow;
    for (const int port : {http_port(), rest_port()}) {
      slow.push_back(ConnectToLoopback(port));  // silent
      for (int i = 0; i < 20; ++i) {
        slow.push_back(ConnectToLoopback(port));
        send(slow.back(), begun.data(), begun.size(), MSG_NOSIGNAL);
      }
    }
    std::thread dribbling([&] {
      for (const int port : {http_port(), rest_port()}) {
        const int socket = ConnectToLoopback(port);
        send(socket, begun.data(), begun.size(), MSG_NOSIGNAL);
        const absl::Time end = absl::Now() + absl::Minutes(2);
        while (absl::Now() < end && send(socket, "x", 1, MSG_NOSIGNAL) == 1) {
          absl::SleepFor(absl::Milliseconds(300));
        }
        EXPECT_LT(absl::Now(), end) << "port " << port;
        close(socket);
      }
    });
    // They do not delay other clients. If they did, one client would wait until the server closes
    // them, after 5 s or more, and the next ones would not wait. So the slowest client decides.
    absl::Duration slowest;
    for (int i = 0; i < 10; ++i) {
      const absl::Time start = absl::Now();
      EXPECT_EQ(Get(http_port(), "/live").code, 200);
      EXPECT_EQ(Get(rest_port(), kModelReady).code, 200);
      slowest = std::max(slowest, absl::Now() - start);
    }
    others_wait = slowest >= absl::Seconds(2);
    // While they wait, they take no CPU time of the server.
    const double before = CpuSeconds(server_->pid());
    absl::SleepFor(absl::Seconds(3));
    EXPECT_LT(CpuSeconds(server_->pid()) - before, 1.0);
    for (const int socket : slow) {
      EXPECT_TRUE(IsClosedByPeer(socket, 60'000));
      close(socket);
    }
    dribbling.join();
  }
  EXPECT_FALSE(others_wait) << "each time, a client waited for 2 s or longer";
}

TEST_F(HttpTlsTest, AnswersManyClientsTogetherAndReleasesClosedConnections) {
  StartServer();
  ASSERT_EQ(Get(http_port(), "/metrics").code, 200);
  ASSERT_EQ(Get(rest_port(), kModelReady).code, 200);
  const int descriptors = OpenDescriptors();
  const std::string body = JsonRows(50);
  std::atomic<int> stalled = 0;
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    stalled = 0;
    std::atomic<int> answered = 0;
    std::vector<std::thread> clients;
    for (int i = 0; i < 8; ++i) {
      clients.emplace_back([&, i] {
        for (int k = 0; k < 10; ++k) {
          const absl::Time start = absl::Now();
          HttpsClient client(i % 2 == 0 ? http_port() : rest_port(), files_.root);
          // Both pages and inference are answered by other threads.
          const bool ok = client.connected() && (i % 2 == 0 ? client.http().Get(kHttpPages[k % 6])
                                                            : client.http().Post(kInferPath, body))
                                                        .code == 200;
          answered += ok ? 1 : 0;
          stalled += !ok && MayHaveStalled(absl::Now() - start) ? 1 : 0;
          if (!client.connected()) continue;
          // This client leaves before its answer arrives.
          client.http().Send(i % 2 == 0 ? "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
                                        : RestClient::PostRequest(kInferPath, body));
        }
      });
    }
    for (std::thread& client : clients) client.join();
    EXPECT_EQ(answered + stalled, 80);
    if (stalled == 0) break;
  }
  EXPECT_EQ(stalled, 0) << "each time, a client failed after about 5 s";
  EXPECT_TRUE(Eventually([&] { return OpenDescriptors() <= descriptors; }))
      << OpenDescriptors() << " open, " << descriptors << " before";
  EXPECT_EQ(Get(http_port(), "/metrics").code, 200);
}

TEST_F(HttpTlsTest, OthersGetTheMetricsDespiteClientsThatDoNotRead) {
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

}  // namespace
}  // namespace mlp
