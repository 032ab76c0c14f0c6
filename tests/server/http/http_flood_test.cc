// More open connections than the HTTP server has places for.

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
#include "tests/descriptor_limit.h"
#include "tests/e2e/loopback_socket.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

// This process has both ends of each connection.
constexpr rlim_t kFloodDescriptors = 16'384;
constexpr int kPlaces = HttpServer::kMaxConnections;
// Each waits half a second for a place before the server closes it, one after the other.
constexpr int kBeyond = 3;
// The server takes a quarter of the descriptors as places.
constexpr int kFewPlaces = 200;
// The last of these gives up after 12 seconds only: a busy machine may delay the test. All of them
// fit into the eighth of the places that the server then clears at once.
constexpr int kManyBeyond = 24;
// For what a busy machine may do late.
constexpr std::chrono::minutes kFloodPatience{2};

bool RaiseDescriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < kFloodDescriptors) return false;
  limit.rlim_cur = std::max(limit.rlim_cur, kFloodDescriptors);
  return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

// What the handlers use. It outlives a server whose thread never ends.
struct FloodState {
  std::promise<void> go_on;
  std::atomic<bool> is_held = false;
  std::atomic<int> closed = 0;
};

// A server whose thread blocks in /ready until `state->go_on`.
std::unique_ptr<HttpServer> StartHeldServer(const std::shared_ptr<FloodState>& state) {
  HttpHandlers handlers;
  handlers.ready = [state, going = state->go_on.get_future().share()] {
    state->is_held = true;
    going.wait();
    return true;
  };
  handlers.metrics = [](MetricsFormat) { return std::string(); };
  handlers.closed = [state](int connections) { state->closed += connections; };
  return HttpServer::Start("127.0.0.1:0", std::move(handlers)).value();
}

void Ask(int connection, const std::string& path) {
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
  send(connection, request.data(), request.size(), MSG_NOSIGNAL);
}

bool IsAnswered(int connection, std::chrono::seconds patience) {
  const timeval longest{patience.count(), 0};
  setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof(longest));
  std::string start(12, '\0');
  return recv(connection, start.data(), start.size(), MSG_WAITALL) == 12 && start == "HTTP/1.1 200";
}

// Whether a probe on a new connection is answered.
bool ProbeIsAnswered(int port) {
  const int probe = ConnectToLoopback(port);
  Ask(probe, "/live");
  const bool answered = IsAnswered(probe, std::chrono::seconds(1));
  close(probe);
  return answered;
}

// On a slow machine, a probe arrived before the library had closed the connections that gave way to
// it, and the server closed the probe.
TEST(HttpFloodTest, AConnectionBeyondTheLimitWaitsForTheServingThread) {
  const DescriptorLimit limit(4 * kFewPlaces);
  const auto state = std::make_shared<FloodState>();
  const auto server = StartHeldServer(state);
  std::vector<int> connections = {ConnectToLoopback(server->port())};
  Ask(connections.front(), "/ready");
  EXPECT_TRUE(Eventually([&] { return state->is_held.load(); }));
  while (connections.size() < kFewPlaces + kManyBeyond) {
    connections.push_back(ConnectToLoopback(server->port()));
  }
  Ask(connections.back(), "/live");
  state->go_on.set_value();
  EXPECT_TRUE(IsAnswered(connections.back(), kFloodPatience));
  for (const int connection : connections) close(connection);
}

// The library's own limit, once reached, stopped its thread for ever: no probe was answered, and
// the server's destructor never returned.
TEST(HttpFloodTest, TheServerAnswersAndStopsAfterConnectionsExceedTheLimit) {
  if (!RaiseDescriptors()) GTEST_SKIP() << "too few descriptors";
  const auto state = std::make_shared<FloodState>();
  auto server = StartHeldServer(state);
  // The serving thread is blocked, and connections wait for it.
  std::vector<int> connections = {ConnectToLoopback(server->port())};
  Ask(connections.front(), "/ready");
  ASSERT_TRUE(Eventually([&] { return state->is_held.load(); }));
  while (connections.size() < kPlaces + kBeyond) {
    connections.push_back(ConnectToLoopback(server->port()));
    ASSERT_GE(connections.back(), 0);
  }
  // If this takes half a minute, the first connection has been open for too long, and counts too.
  EXPECT_TRUE(Eventually([&] { return state->closed >= kBeyond; })) << state->closed;
  EXPECT_TRUE(IsClosedByPeer(connections.back(), 60'000));

  state->go_on.set_value();
  EXPECT_TRUE(Eventually([&] { return ProbeIsAnswered(server->port()); }));
  std::promise<void> ended;
  std::future<void> end = ended.get_future();
  std::thread([server = std::move(server), ended = std::move(ended)]() mutable {
    server.reset();
    ended.set_value();
  }).detach();
  EXPECT_EQ(end.wait_for(kFloodPatience), std::future_status::ready);
  for (const int connection : connections) close(connection);
}

}  // namespace
}  // namespace mlp
