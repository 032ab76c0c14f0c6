// A server that runs out of file descriptors: it turns clients away, and takes them again when
// descriptors are given back.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

// A connection to `port` of the loopback that says nothing; -1 where there is none to be had.
int Connect(int port) {
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
    return connection;
  }
  close(connection);
  return -1;
}

// Whether the other side has closed the connection, waiting a little for it.
bool IsClosed(int connection, int patience_ms) {
  char byte = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
  while (std::chrono::steady_clock::now() < end) {
    pollfd event{connection, POLLIN, 0};
    if (poll(&event, 1, patience_ms) <= 0) return false;
    // The server's first bytes of HTTP/2 are no end.
    const ssize_t got = recv(connection, &byte, 1, 0);
    if (got <= 0) return true;
  }
  return false;
}

TEST(DescriptorsTest, ServesAgainWhenTheyAreGivenBack) {
  const auto server = ServerProcess::StartOnSampleModels({"--handshake-ms", "60000"});
  ASSERT_TRUE(server.ok()) << server.status();
  const rlimit few{160, 160};
  ASSERT_EQ(prlimit((*server)->pid(), RLIMIT_NOFILE, &few, nullptr), 0);

  const auto channel = OpenChannel((*server)->grpc_address());
  const auto stub = inference::GRPCInferenceService::NewStub(channel);
  inference::ModelInferResponse response;
  ASSERT_TRUE(Infer(*stub, DigitsRequest("digits-tanh"), response).ok());

  const std::string address = (*server)->grpc_address();
  const int port = std::stoi(address.substr(address.rfind(':') + 1));
  std::vector<int> connections;
  connections.reserve(300);
  for (int i = 0; i < 300; ++i) connections.push_back(Connect(port));
  // The last ones are turned away, not left waiting.
  ASSERT_GE(connections.back(), 0);
  EXPECT_TRUE(IsClosed(connections.back(), 10'000));
  // Whoever is connected is served on.
  EXPECT_TRUE(Infer(*stub, DigitsRequest("digits-tanh"), response).ok());

  for (const int connection : connections) close(connection);
  bool served = false;
  for (int i = 0; i < 50 && !served; ++i) {
    grpc::ChannelArguments own_connection;
    own_connection.SetInt("mlp-test", i);
    const auto fresh = inference::GRPCInferenceService::NewStub(
        grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), own_connection));
    served = Infer(*fresh, DigitsRequest("digits-tanh"), response).ok();
    if (!served) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_TRUE(served) << "it accepts again";
}

TEST(DescriptorsTest, SilentConnectionsAreClosed) {
  const auto server = ServerProcess::StartOnSampleModels({"--handshake-ms", "500"});
  ASSERT_TRUE(server.ok()) << server.status();
  const std::string address = (*server)->grpc_address();
  const int connection = Connect(std::stoi(address.substr(address.rfind(':') + 1)));
  ASSERT_GE(connection, 0);
  EXPECT_TRUE(IsClosed(connection, 20'000));
  close(connection);
}

}  // namespace
}  // namespace mlp
