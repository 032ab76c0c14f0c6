// Slow connections: one byte a second, before and after the TLS handshake.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/loopback_socket.h"
#include "tests/e2e/security/attacked_server.h"
#include "tests/e2e/security/bystanders.h"
#include "tests/e2e/security/tls_connection.h"

namespace mlp {
namespace {

using ::testing::IsEmpty;

constexpr int kSlowConnections = 500;

struct SlowConnection {
  std::unique_ptr<TlsConnection> tls;
  std::string hello;  // empty: after the handshake, sends HTTP/2's preface
  bool open = true;

  // Sends byte number `i`; returns whether the other side took it.
  bool SendByte(std::size_t i) {
    const std::string greeting = Http2Greeting();
    if (!hello.empty()) return tls->SendRaw(hello.substr(i, 1));
    return tls->Send(greeting.substr(i, 1));
  }
};

class SlowHandshakeTest : public AttackedServerTest {};

TEST_F(SlowHandshakeTest, ConnectionsSendingOneBytePerSecondAreClosedWhileOthersAreServed) {
  // The limit holds for the others too, on a machine that stalls for seconds.
  StartServer(files_.ServerOptions(), {"--handshake-ms", "6000"});
  Bystanders others([this] { return Open(); });
  std::vector<SlowConnection> connections;
  const TlsClient client(kTlsVersions[1]);
  for (int i = 0; i < kSlowConnections; ++i) {
    SlowConnection& one = connections.emplace_back();
    one.tls = std::make_unique<TlsConnection>(client, port());
    if (i % 2 == 0) {
      one.hello = one.tls->ClientHello();
    } else {
      EXPECT_TRUE(one.tls->ShakeHands());
    }
  }
  const int most_descriptors = OpenDescriptors();
  int open = kSlowConnections;
  // The preface would last 24 s.
  for (std::size_t i = 0; i < 20 && open > 0; ++i) {
    for (SlowConnection& one : connections) {
      if (!one.open) continue;
      one.open = one.SendByte(i) && DrainSocket(one.tls->socket());
      open -= one.open ? 0 : 1;
    }
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
  others.Stop();
  EXPECT_EQ(open, 0);
  EXPECT_THAT(others.Failures(), IsEmpty());
  EXPECT_GT(others.answered(), 10U);
  connections.clear();
  ExpectNothingKept(/*mebibytes=*/60);
  std::cout << kSlowConnections << " slow connections: at most " << most_descriptors
            << " descriptors, " << descriptors_before_ << " before; " << others.answered()
            << " calls of others, p99 " << others.LatencyMs(0.99) << " ms; memory grew by "
            << GrownMebibytes() << " MiB\n";
}

}  // namespace
}  // namespace mlp
