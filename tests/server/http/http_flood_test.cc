// More connections at once than the HTTP server has places.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/http/http_server.h"
#include "tests/e2e/loopback_socket.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

// Both ends of each connection are this process's.
constexpr rlim_t kFloodDescriptors = 16'384;
constexpr int kPlaces = HttpServer::kMostConnections;
constexpr int kBeyond = 200;

bool RaiseDescriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < kFloodDescriptors) return false;
  limit.rlim_cur = std::max(limit.rlim_cur, kFloodDescriptors);
  return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

// What the handlers use, also where the server's thread never ends.
struct FloodState {
  std::promise<void> go_on;
  std::atomic<bool> is_held = false;
  std::atomic<int> closed = 0;
};

// The library's own limit, once reached, stopped its thread for ever: no probe was answered, and
// the server's end was waited for in vain.
TEST(HttpFloodTest, BeyondItsPlacesItAnswersAndEndsAfterwards) {
  if (!RaiseDescriptors()) GTEST_SKIP() << "too few descriptors";
  const auto state = std::make_shared<FloodState>();
  HttpHandlers handlers;
  handlers.ready = [state, going = state->go_on.get_future().share()] {
    state->is_held = true;
    going.wait();
    return true;
  };
  handlers.metrics = [](MetricsFormat) { return std::string(); };
  handlers.closed = [state](int connections) { state->closed += connections; };
  auto server = HttpServer::Start("127.0.0.1:0", std::move(handlers)).value();
  // The serving thread stands still, and connections wait for it.
  std::vector<int> connections = {ConnectToLoopback(server->port())};
  const std::string request = "GET /ready HTTP/1.1\r\nHost: x\r\n\r\n";
  send(connections.front(), request.data(), request.size(), MSG_NOSIGNAL);
  ASSERT_TRUE(Eventually([&] { return state->is_held.load(); }));
  while (connections.size() < kPlaces + kBeyond) {
    connections.push_back(ConnectToLoopback(server->port()));
    ASSERT_GE(connections.back(), 0);
  }
  EXPECT_TRUE(Eventually([&] { return state->closed == kBeyond; })) << state->closed;
  EXPECT_TRUE(IsClosedByPeer(connections.back(), 1'000));

  state->go_on.set_value();
  EXPECT_TRUE(Eventually([&] {
    const int probe = ConnectToLoopback(server->port());
    const std::string live = "GET /live HTTP/1.1\r\nHost: x\r\n\r\n";
    send(probe, live.data(), live.size(), MSG_NOSIGNAL);
    const timeval second{1, 0};
    setsockopt(probe, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second));
    std::string start(12, '\0');
    const ssize_t got = recv(probe, start.data(), start.size(), MSG_WAITALL);
    close(probe);
    return got == 12 && start == "HTTP/1.1 200";
  })) << "no probe is answered";
  std::promise<void> ended;
  std::future<void> end = ended.get_future();
  std::thread([server = std::move(server), ended = std::move(ended)]() mutable {
    server.reset();
    ended.set_value();
  }).detach();
  EXPECT_EQ(end.wait_for(std::chrono::seconds(20)), std::future_status::ready);
  for (const int connection : connections) close(connection);
}

}  // namespace
}  // namespace mlp
