// What silent, slow and broken clients do to the HTTP port. Probes must be answered, and memory
// must stay bounded.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/http2_connection.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/loopback_socket.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

using Clock = std::chrono::steady_clock;

// Sockets that are closed on destruction.
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

  void Send(const std::string& bytes) const {
    for (const int socket : sockets_) send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
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

  // Expects that the probes are answered, and returns how long the slowest took.
  Clock::duration SlowestProbe() const {
    Clock::duration slowest{};
    for (const char* path : {"/live", "/ready"}) {
      const Clock::time_point start = Clock::now();
      EXPECT_EQ(HttpGet(server_->http_port(), path).code, 200) << path;
      slowest = std::max(slowest, Clock::now() - start);
    }
    return slowest;
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

// The server closes the connections in the way after 5 s, and then waiting probes would be answered
// anyway. The limit is shorter than that. Test machines may stall for as long, but not each time.
TEST_P(SlowHttpClientsTest, DoNotDelayProbes) {
  for (int attempt = 0; attempt < 3; ++attempt) {
    Connections connections;
    connections.Open(server_->http_port(), GetParam().count, GetParam().bytes);
    ASSERT_EQ(connections.size(), static_cast<std::size_t>(GetParam().count));
    Clock::duration slowest{};
    for (int i = 0; i < 3; ++i) slowest = std::max(slowest, SlowestProbe());
    if (slowest < std::chrono::seconds(4)) return;
  }
  FAIL() << "three times, a probe was answered after 4 s or later";
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

// Connections that send nothing are closed, so new ones always find a place.
TEST_F(HostileHttpTest, SilentConnectionsAreClosed) {
  const int socket = ConnectToLoopback(server_->http_port());
  ASSERT_GE(socket, 0);
  EXPECT_TRUE(IsClosedByPeer(socket, 30'000));
  close(socket);
}

// A byte now and then is not enough: the whole request must arrive in time, even if no other client
// waits.
TEST_F(HostileHttpTest, DribblingConnectionsAreClosed) {
  const int socket = ConnectToLoopback(server_->http_port());
  ASSERT_GE(socket, 0);
  const std::string start = "GET /live HTTP/1.1\r\nHost: x\r\nX-Slow: ";
  send(socket, start.data(), start.size(), MSG_NOSIGNAL);
  EXPECT_TRUE(Eventually([&] {
    send(socket, "x", 1, MSG_NOSIGNAL);
    return IsClosedByPeer(socket, 200);
  }));
  close(socket);
  EXPECT_GE(ReadMetrics(server_->http_port()).at("mlp_http_closed_connections_total"), 1);
}

TEST_F(HostileHttpTest, AThousandSilentAndDribblingConnectionsDoNotDelayProbes) {
  // Raises the limit of this process, which opens all of them.
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 4096);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  const double before = ReadMetrics(server_->http_port()).at("process_resident_memory_bytes");
  Connections silent;
  silent.Open(server_->http_port(), 900, "");
  std::atomic<bool> stop = false;
  std::thread dribbling([&] {
    while (!stop) {
      Connections slow;
      slow.Open(server_->http_port(), 100, "GET /live HTTP/1.1\r\nHost: ");
      for (int i = 0; i < 20 && !stop; ++i) {
        slow.Send("x");
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
    }
  });
  std::vector<Clock::duration> times;
  for (int i = 0; i < 20; ++i) {
    const Clock::time_point start = Clock::now();
    EXPECT_EQ(HttpGet(server_->http_port(), "/live").code, 200) << "probe " << i;
    times.push_back(Clock::now() - start);
  }
  std::sort(times.begin(), times.end());
  const double during = ReadMetrics(server_->http_port()).at("process_resident_memory_bytes");
  stop = true;
  dribbling.join();
  // The target is 100 ms, and a kubelet allows one second. Test machines are slow, and some probes
  // meet one that stalls. Connections in the way would delay most of them.
  EXPECT_LT(times[times.size() * 3 / 4], std::chrono::seconds(1));
  RecordProperty("slowest_ms",
                 std::chrono::duration_cast<std::chrono::milliseconds>(times.back()).count());
  // A connection has a buffer of 8 KiB and touches less than that.
  if (!ServerProcess::IsOfAnotherBuild()) {
    EXPECT_LT(during - before, 32.0 * (1 << 20));
  }
}

// Clients that request the metrics again and again but never read them.
TEST_F(HostileHttpTest, OthersGetTheMetricsDespiteClientsThatDoNotRead) {
  Connections unread;
  // More than the sockets can buffer, so the answers never finish.
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
  std::atomic<bool> stop = false;
  std::thread asking([&] {
    while (!stop) {
      unread.Open(server_->http_port(), 1, requests);
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
  std::this_thread::sleep_for(std::chrono::seconds(5));
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(HttpGet(server_->http_port(), "/metrics").code, 200) << "scrape " << i;
  }
  stop = true;
  asking.join();
}

// gRPC clients that take every descriptor they can get and reconnect whenever one is freed.
class HttpWithoutDescriptorsTest : public HostileHttpTest {
 protected:
  void SetUp() override {
    HostileHttpTest::SetUp();
    if (HasFatalFailure()) return;
    const rlimit few{200, 200};
    ASSERT_EQ(prlimit(server_->pid(), RLIMIT_NOFILE, &few, nullptr), 0);
  }

  void Flood() {
    flood_ = std::thread([this] {
      std::vector<std::unique_ptr<Http2Connection>> connections;
      while (!stop_) {
        for (; connections.size() < 400; ++flooded_) {
          connections.push_back(std::make_unique<Http2Connection>(server_->grpc_port()));
        }
        std::erase_if(connections, [](const auto& one) { return one->IsClosedByPeer(1); });
      }
    });
    ASSERT_TRUE(Eventually([this] { return flooded_ > 300; }));
  }

  void TearDown() override {
    stop_ = true;
    if (flood_.joinable()) flood_.join();
  }

  void ExpectTwentyProbesAnswered() const {
    for (int i = 0; i < 20; ++i) {
      ASSERT_EQ(HttpGet(server_->http_port(), "/live").code, 200)
          << "probe " << i << "; the server's log:\n"
          << server_->log();
    }
  }

 private:
  std::atomic<bool> stop_ = false;
  std::atomic<int> flooded_ = 0;
  std::thread flood_;
};

TEST_F(HttpWithoutDescriptorsTest, ProbesAreAnsweredWhileDescriptorsAreExhausted) {
  Flood();
  ExpectTwentyProbesAnswered();
}

TEST_F(HttpWithoutDescriptorsTest, ProbesAreAnsweredDespiteSilentHttpClients) {
  Flood();
  Connections silent;
  silent.Open(server_->http_port(), 60, "");
  ExpectTwentyProbesAnswered();
}

}  // namespace
}  // namespace mlp
