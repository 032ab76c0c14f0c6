#include "client/commands/health.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "client/tcp_socket.h"
#include "tests/client/fake_server.h"
#include "tests/client/run_command.h"

namespace mlp {
namespace {

using ::grpc::health::v1::HealthCheckResponse;
using ::testing::AnyOf;
using ::testing::StartsWith;

// Accepts connections on a free port and closes each one immediately. From number `first_passed_on`
// on, it passes them on to `target`, one at a time.
class ClosingServer final {
 public:
  ClosingServer(const FakeServer& target, int first_passed_on)
      : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(name);
    auto* any = reinterpret_cast<sockaddr*>(&name);
    EXPECT_EQ(::bind(socket_, any, size), 0);
    EXPECT_EQ(::listen(socket_, 16), 0);
    EXPECT_EQ(::getsockname(socket_, any, &size), 0);
    address_ = "127.0.0.1:" + std::to_string(ntohs(name.sin_port));
    thread_ = std::thread([this, first_passed_on, address = target.address()] {
      for (int taken = 0; (taken = ::accept(socket_, nullptr, nullptr)) >= 0; ::close(taken)) {
        if (++taken_ >= first_passed_on) PassOn(taken, address);
      }
    });
  }
  ClosingServer(const ClosingServer&) = delete;
  ClosingServer& operator=(const ClosingServer&) = delete;
  ~ClosingServer() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }

  const std::string& address() const { return address_; }
  int taken() const { return taken_; }

 private:
  // Copies the bytes of both directions until an end is closed or this server ends.
  void PassOn(int client, const std::string& address) const {
    const TcpSocket target = TcpSocket::Connect(address, std::chrono::seconds(30));
    pollfd ends[] = {{client, POLLIN, 0}, {target.number(), POLLIN, 0}, {socket_, 0, 0}};
    while (::poll(ends, 3, -1) > 0 && ends[2].revents == 0) {
      for (const int from : {0, 1}) {
        if (ends[from].revents == 0) continue;
        char bytes[4096];
        const ssize_t count = ::recv(ends[from].fd, bytes, sizeof(bytes), 0);
        if (count <= 0) return;
        if (::send(ends[1 - from].fd, bytes, count, MSG_NOSIGNAL) != count) return;
      }
    }
  }

  int socket_;
  std::string address_;
  std::atomic<int> taken_ = 0;
  std::thread thread_;
};

TEST(HealthTest, ExitsWithTheState) {
  FakeServer server;
  server.health = [](const auto& request, auto& response) -> grpc::Status {
    if (request.service() == "gone") return {grpc::StatusCode::NOT_FOUND, "unknown service"};
    response.set_status(request.service().empty() ? HealthCheckResponse::SERVING
                                                  : HealthCheckResponse::NOT_SERVING);
    return grpc::Status::OK;
  };
  const CommandOutcome serving = RunCommand({"health", "--address", server.address()});
  EXPECT_EQ(serving.exit_code, kExitDone);
  EXPECT_EQ(serving.out, "serving\n");
  const CommandOutcome not_serving = RunCommand({"health", "m", "--address", server.address()});
  EXPECT_EQ(not_serving.exit_code, kExitNotServing);
  EXPECT_EQ(not_serving.out, "not serving\n");
  const CommandOutcome unknown = RunCommand({"health", "gone", "--address", server.address()});
  EXPECT_EQ(unknown.exit_code, kExitError);
  EXPECT_EQ(unknown.err, "mlp-client: NOT_FOUND: unknown service\n");
}

TEST(HealthTest, WaitsUntilItIsServing) {
  FakeServer server;
  std::atomic<int> asked = 0;
  server.health = [&](const auto& /*request*/, auto& response) -> grpc::Status {
    const int number = ++asked;
    switch (number) {
      case 1:
        return {grpc::StatusCode::UNAVAILABLE, "starting"};
      case 2:
        return {grpc::StatusCode::NOT_FOUND, "not loaded yet"};
      default:
        response.set_status(number == 3 ? HealthCheckResponse::NOT_SERVING
                                        : HealthCheckResponse::SERVING);
        return grpc::Status::OK;
    }
  };
  const CommandOutcome outcome =
      RunCommand({"health", "--wait", "120", "--address", server.address()});
  EXPECT_EQ(outcome.exit_code, kExitDone) << outcome.err;
  EXPECT_EQ(outcome.out, "serving\n");
  EXPECT_GE(asked, 4);  // more if an answer took over a second: the command asks again
}

// Left alone, gRPC would soon try only once a second, too rarely for the time given here. The
// command needs a few seconds of it, and the rest is for a machine that gives it no CPU.
TEST(HealthTest, KeepsConnectingWhileItWaits) {
  FakeServer healthy;
  healthy.health = [](const auto& /*request*/, auto& response) {
    response.set_status(HealthCheckResponse::SERVING);
    return grpc::Status::OK;
  };
  const ClosingServer server(healthy, /*first_passed_on=*/30);
  const CommandOutcome outcome =
      RunCommand({"health", "--wait", "20", "--address", server.address()});
  EXPECT_EQ(outcome.exit_code, kExitDone) << outcome.err;
  EXPECT_GE(server.taken(), 30);
}

TEST(HealthTest, EndsAfterTheTimeout) {
  const auto begin = std::chrono::steady_clock::now();
  const CommandOutcome outcome =
      RunCommand({"health", "--wait", "0.5", "--address", "127.0.0.1:1"});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::minutes(1));
  EXPECT_EQ(outcome.exit_code, kExitError);
  // Late if the last attempt got no CPU for a second.
  EXPECT_THAT(outcome.err, AnyOf(StartsWith("mlp-client: UNAVAILABLE: "),
                                 StartsWith("mlp-client: DEADLINE_EXCEEDED: ")));
}

TEST(HealthTest, DoesNotWaitForAServerWithoutHealthChecks) {
  FakeServer server;
  EXPECT_THAT(RunCommand({"health", "--wait", "600", "--address", server.address()}).err,
              StartsWith("mlp-client: UNIMPLEMENTED: "));
}

}  // namespace
}  // namespace mlp
