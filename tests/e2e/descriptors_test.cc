// A server that runs out of file descriptors turns clients away, and accepts them again once
// descriptors are free.

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/e2e/http2_connection.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/loopback_socket.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

TEST(DescriptorsTest, ServesAgainWhenTheyAreReleased) {
  const auto server = ServerProcess::StartOnSampleModels({"--handshake-ms", "60000"});
  ASSERT_TRUE(server.ok()) << server.status();
  const rlimit few{160, 160};
  ASSERT_EQ(prlimit((*server)->pid(), RLIMIT_NOFILE, &few, nullptr), 0);

  const auto channel = OpenChannel((*server)->grpc_address());
  const auto stub = inference::GRPCInferenceService::NewStub(channel);
  inference::ModelInferResponse response;
  ASSERT_TRUE(Infer(*stub, DigitsRequest("digits-tanh"), response).ok());

  std::vector<int> connections;
  connections.reserve(300);
  for (int i = 0; i < 300; ++i) connections.push_back(ConnectToLoopback((*server)->grpc_port()));
  // The last clients are turned away and do not wait.
  ASSERT_GE(connections.back(), 0);
  EXPECT_TRUE(IsClosedByPeer(connections.back(), 30'000));
  // Connected clients are still served.
  EXPECT_TRUE(Infer(*stub, DigitsRequest("digits-tanh"), response).ok());

  for (const int connection : connections) close(connection);
  int attempt = 0;
  EXPECT_TRUE(Eventually([&] {
    grpc::ChannelArguments own_connection;
    own_connection.SetInt("mlp-test", attempt++);
    const auto fresh = inference::GRPCInferenceService::NewStub(grpc::CreateCustomChannel(
        (*server)->grpc_address(), grpc::InsecureChannelCredentials(), own_connection));
    return Infer(*fresh, DigitsRequest("digits-tanh"), response).ok();
  })) << "it accepts again";
  EXPECT_GT(ReadMetrics((*server)->http_port())
                .at(R"(mlp_refused_connections_total{reason="descriptors"})"),
            0);
}

TEST(ConnectionLimitsTest, ConnectionsBeyondTheLimitAreClosedAndCounted) {
  for (const char* option : {"--max-connections", "--max-connections-per-address"}) {
    const auto server =
        ServerProcess::StartOnSampleModels({option, "10", "--handshake-ms", "60000"});
    ASSERT_TRUE(server.ok()) << server.status();
    const auto refused = [&] {
      return ReadMetrics((*server)->http_port())
          .at(absl::StrCat(R"(mlp_refused_connections_total{reason=")",
                           option == std::string("--max-connections") ? "total" : "address",
                           R"("})"));
    };
    std::vector<int> connections;
    for (int i = 0; i < 10; ++i) connections.push_back(ConnectToLoopback((*server)->grpc_port()));
    const int beyond = ConnectToLoopback((*server)->grpc_port());
    EXPECT_TRUE(IsClosedByPeer(beyond, 30'000)) << option;
    EXPECT_EQ(refused(), 1) << option;
    close(beyond);
    EXPECT_FALSE(IsClosedByPeer(connections.front(), 100)) << option;

    for (const int connection : connections) close(connection);
    inference::ModelInferResponse response;
    grpc::Status status;
    EXPECT_TRUE(Eventually([&] {
      const auto stub =
          inference::GRPCInferenceService::NewStub(OpenChannel((*server)->grpc_address()));
      status = Infer(*stub, DigitsRequest("digits-tanh"), response);
      return status.ok();
    })) << option
        << ": " << status.error_message();
  }
}

// More simultaneous calls than are posted again, from many connections, and one connection each for
// the last watch and the last reflection.
TEST(DescriptorsTest, ClosedConnectionsReleaseThem) {
  const auto server = ServerProcess::StartOnSampleModels();
  ASSERT_TRUE(server.ok()) << server.status();
  const auto descriptors = [&] {
    return ReadMetrics((*server)->http_port()).at("process_open_fds");
  };
  const double before = descriptors();
  {
    constexpr int kCallsOfAConnection = 20;
    const std::string message = DigitsRequest("digits-tanh").SerializeAsString();
    std::vector<std::unique_ptr<Http2Connection>> connections;
    for (int i = 0; i < 30; ++i) {
      Http2Connection& connection =
          *connections.emplace_back(std::make_unique<Http2Connection>((*server)->grpc_port()));
      // Without room for answers, the calls last.
      std::uint32_t stream = 1;
      ASSERT_TRUE(
          connection.Send(NoRoomForAnswers() + AskCalls(CallHeaders(kModelInferPath), message,
                                                        kCallsOfAConnection, stream)));
    }
    for (const char* method : {kReflectionPath, kHealthWatchPath}) {
      Http2Connection& connection =
          *connections.emplace_back(std::make_unique<Http2Connection>((*server)->grpc_port()));
      ASSERT_TRUE(connection.Send(Frame(kHeadersFrame, kEndHeaders, 1, CallHeaders(method))));
    }
    const double expected = kCallsOfAConnection * 30;
    EXPECT_TRUE(Eventually([&] {
      return ReadMetrics((*server)->http_port())
                 [R"(mlp_requests_total{code="OK",model="digits-tanh",version="1"})"] == expected;
    }));
    // The last two connections may still wait to be accepted.
    EXPECT_TRUE(Eventually([&] { return descriptors() >= before + 32; })) << descriptors() - before;
  }
  EXPECT_TRUE(Eventually([&] { return descriptors() <= before; })) << descriptors() - before;
}

TEST(DescriptorsTest, SilentConnectionsAreClosed) {
  const auto server = ServerProcess::StartOnSampleModels({"--handshake-ms", "500"});
  ASSERT_TRUE(server.ok()) << server.status();
  const int connection = ConnectToLoopback((*server)->grpc_port());
  ASSERT_GE(connection, 0);
  EXPECT_TRUE(IsClosedByPeer(connection, 60'000));
  close(connection);
}

}  // namespace
}  // namespace mlp
