// What clients of HTTP over TLS cannot do: keep handshakes open, leave descriptors behind, or delay
// others by not reading.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

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
      const absl::Time end = absl::Now() + absl::Minutes(2);
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
  int late = 0;
  for (int i = 0; i < 10; ++i) {
    const absl::Time start = absl::Now();
    EXPECT_EQ(Get(http_port(), "/live").code, 200);
    EXPECT_EQ(Get(rest_port(), kModelReady).code, 200);
    late += absl::Now() - start < absl::Seconds(2) ? 0 : 1;
  }
  EXPECT_LE(late, 2) << "a machine that stalls delays one or two";
  for (const int socket : slow) {
    EXPECT_TRUE(IsClosedByPeer(socket, 60'000));
    close(socket);
  }
  dribbling.join();
  over = true;
}

TEST_F(HttpTlsTest, AnswersManyClientsTogetherAndReleasesClosedConnections) {
  StartServer();
  ASSERT_EQ(Get(http_port(), "/metrics").code, 200);
  ASSERT_EQ(Get(rest_port(), kModelReady).code, 200);
  const int descriptors = OpenDescriptors();
  const std::string body = JsonRows(50);
  std::atomic<int> answered = 0;
  std::atomic<int> stalled = 0;
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
  EXPECT_LE(stalled, 8);
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
