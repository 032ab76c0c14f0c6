#include "client/commands/health.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "tests/client/fake_server.h"
#include "tests/client/run_command.h"

namespace mlp {
namespace {

using ::grpc::health::v1::HealthCheckResponse;
using ::testing::StartsWith;

// Accepts connections on a free port and closes each one immediately.
class ClosingServer final {
 public:
  ClosingServer() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(name);
    auto* any = reinterpret_cast<sockaddr*>(&name);
    EXPECT_EQ(::bind(socket_, any, size), 0);
    EXPECT_EQ(::listen(socket_, 16), 0);
    EXPECT_EQ(::getsockname(socket_, any, &size), 0);
    address_ = "127.0.0.1:" + std::to_string(ntohs(name.sin_port));
    thread_ = std::thread([this] {
      for (int taken = 0; (taken = ::accept(socket_, nullptr, nullptr)) >= 0; ++taken_) {
        ::close(taken);
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
    switch (++asked) {
      case 1:
        return {grpc::StatusCode::UNAVAILABLE, "starting"};
      case 2:
        return {grpc::StatusCode::NOT_FOUND, "not loaded yet"};
      default:
        response.set_status(asked == 3 ? HealthCheckResponse::NOT_SERVING
                                       : HealthCheckResponse::SERVING);
        return grpc::Status::OK;
    }
  };
  const CommandOutcome outcome =
      RunCommand({"health", "--wait", "30", "--address", server.address()});
  EXPECT_EQ(outcome.exit_code, kExitDone) << outcome.err;
  EXPECT_EQ(outcome.out, "serving\n");
  EXPECT_EQ(asked, 4);
}

// Left alone, gRPC would try only twice in the first five seconds.
TEST(HealthTest, KeepsConnectingWhileItWaits) {
  ClosingServer server;
  const CommandOutcome outcome =
      RunCommand({"health", "--wait", "3", "--address", server.address()});
  EXPECT_THAT(outcome.err, StartsWith("mlp-client: UNAVAILABLE: "));
  EXPECT_GE(server.taken(), 5);
}

TEST(HealthTest, EndsAfterTheTimeout) {
  const auto begin = std::chrono::steady_clock::now();
  const CommandOutcome outcome =
      RunCommand({"health", "--wait", "0.5", "--address", "127.0.0.1:1"});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_EQ(outcome.exit_code, kExitError);
  EXPECT_THAT(outcome.err, StartsWith("mlp-client: UNAVAILABLE: "));
}

TEST(HealthTest, DoesNotWaitForAServerWithoutHealthChecks) {
  FakeServer server;
  EXPECT_THAT(RunCommand({"health", "--wait", "600", "--address", server.address()}).err,
              StartsWith("mlp-client: UNIMPLEMENTED: "));
}

}  // namespace
}  // namespace mlp
