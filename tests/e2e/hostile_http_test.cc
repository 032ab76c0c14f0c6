// What silent, slow and broken clients do to the HTTP port: probes are answered, memory is bounded.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/e2e/http2_connection.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/loopback_socket.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

using Clock = std::chrono::steady_clock;

// Sockets that are closed at the end.
class Connections final {
 public:
  ~Connections() {
    for (const int socket : sockets_) close(socket);
  }
  Connections() = default;
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  void Open(int port, int count, const std::string& bytes) {
    for (int i = 0; i < count; ++i) {
      const int socket = ConnectToLoopback(port);
      if (socket < 0) continue;
      send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      sockets_.push_back(socket);
    }
  }

  std::size_t size() const { return sockets_.size(); }

 private:
  std::vector<int> sockets_;
};

class HostileHttpTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = ServerProcess::StartOnSampleModels();
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  // A kubelet gives a probe one second; the machines of tests are slow.
  void ExpectProbesAnswered() const {
    for (const char* path : {"/live", "/ready"}) {
      const Clock::time_point start = Clock::now();
      EXPECT_EQ(HttpGet(server_->http_port(), path).code, 200) << path;
      EXPECT_LT(Clock::now() - start, std::chrono::seconds(2)) << path;
    }
  }

  std::unique_ptr<ServerProcess> server_;
};

struct SlowClients {
  const char* name;
  int count;
  std::string bytes;
};

void PrintTo(const SlowClients& clients, std::ostream* out) { *out << clients.name; }

class SlowHttpClientsTest : public HostileHttpTest,
                            public ::testing::WithParamInterface<SlowClients> {};

TEST_P(SlowHttpClientsTest, KeepNoProbeWaiting) {
  Connections connections;
  connections.Open(server_->http_port(), GetParam().count, GetParam().bytes);
  ASSERT_EQ(connections.size(), static_cast<std::size_t>(GetParam().count));
  for (int i = 0; i < 3; ++i) ExpectProbesAnswered();
}

INSTANTIATE_TEST_SUITE_P(
    All, SlowHttpClientsTest,
    ::testing::Values(
        SlowClients{"Silent", 900, ""}, SlowClients{"InTheRequestLine", 200, "GET /metr"},
        SlowClients{"InTheHeaders", 200, "GET /live HTTP/1.1\r\nHost: x\r\nX-Slow: "},
        SlowClients{"BodyWithoutEnd", 100,
                    "POST /live HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\nx"},
        SlowClients{"ThatReadNoMetrics", 100, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"},
        SlowClients{"Garbage", 100, std::string(4000, '\xff')},
        SlowClients{"GiantHeader", 50, "GET /live HTTP/1.1\r\nX: " + std::string(100'000, 'x')}),
    [](const auto& tested) { return tested.param.name; });

// Those that send nothing are closed, so that new ones always find a place.
TEST_F(HostileHttpTest, SilentConnectionsAreClosed) {
  const int socket = ConnectToLoopback(server_->http_port());
  ASSERT_GE(socket, 0);
  EXPECT_TRUE(IsClosedByPeer(socket, 30'000));
  close(socket);
}

TEST(HttpWithoutDescriptorsTest, ProbesAreAnswered) {
  const rlimit few{150, 150};
  std::unique_ptr<ServerProcess> server;
  {
    auto started = ServerProcess::StartOnSampleModels();
    ASSERT_TRUE(started.ok()) << started.status();
    server = *std::move(started);
    ASSERT_EQ(prlimit(server->pid(), RLIMIT_NOFILE, &few, nullptr), 0);
  }
  std::vector<std::unique_ptr<Http2Connection>> connections;
  for (int i = 0; i < 300; ++i) {
    connections.push_back(std::make_unique<Http2Connection>(server->grpc_port()));
  }
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(HttpGet(server->http_port(), "/live").code, 200) << "probe " << i;
  }
  connections.clear();
  EXPECT_TRUE(Eventually([&] { return HttpGet(server->http_port(), "/ready").code == 200; }));
}

}  // namespace
}  // namespace mlp
