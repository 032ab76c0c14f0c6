// A server is killed without warning under load.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

// A loopback port that is given to nobody who asks for any port while this object lives. A server
// that is told this port can still have it.
class KeptPort final {
 public:
  KeptPort() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int on = 1;
    setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(socket_, generic, size) == 0 && getsockname(socket_, generic, &size) == 0) {
      port_ = ntohs(address.sin_port);
    }
  }
  ~KeptPort() { close(socket_); }
  KeptPort(const KeptPort&) = delete;
  KeptPort& operator=(const KeptPort&) = delete;
  int port() const { return port_; }

 private:
  int socket_;
  int port_ = 0;
};

TEST(CrashTest, EveryCallEndsAndAnotherServerCanUseTheAddressImmediately) {
  constexpr int kRequests = 2000;
  // Otherwise, another process could get the port between the two servers.
  const KeptPort kept;
  const std::string address = absl::StrCat("127.0.0.1:", kept.port());
  auto server = ServerProcess::StartOnSampleModels({"--grpc-address", address});
  ASSERT_TRUE(server.ok()) << server.status();
  const auto request = [](int index) { return DigitsRequest("digits-tanh", 1 + index % 16); };
  std::map<int, std::string> expected;  // by number of rows
  for (int rows = 0; rows < 16; ++rows) {
    inference::ModelInferResponse response;
    const auto stub = inference::GRPCInferenceService::NewStub(OpenChannel(address));
    ASSERT_TRUE(Infer(*stub, request(rows), response).ok());
    expected[rows] = response.raw_output_contents(0);
  }
  std::map<grpc::StatusCode, int> codes;
  InferMany(
      OpenChannel(address), 64,
      [&](int index) -> std::optional<inference::ModelInferRequest> {
        if (index == kRequests / 2) (*server)->Signal(SIGKILL);
        if (index == kRequests) return std::nullopt;
        return request(index);
      },
      [&](int index, const grpc::Status& status, const inference::ModelInferResponse& response) {
        ++codes[status.error_code()];
        if (!status.ok()) return;
        EXPECT_EQ(response.raw_output_contents(0), expected[index % 16]);
      });
  EXPECT_EQ((*server)->WaitForExit(), -SIGKILL);
  const int answered = codes[grpc::StatusCode::OK];
  EXPECT_GE(answered, kRequests / 2 - 64);
  EXPECT_EQ(answered + codes[grpc::StatusCode::UNAVAILABLE], kRequests);

  server = ServerProcess::StartOnSampleModels({"--grpc-address", address});
  ASSERT_TRUE(server.ok()) << server.status();
  inference::ModelInferResponse response;
  const auto stub = inference::GRPCInferenceService::NewStub(OpenChannel(address));
  EXPECT_TRUE(Infer(*stub, request(0), response).ok());
  EXPECT_EQ(response.raw_output_contents(0), expected[0]);
}

}  // namespace
}  // namespace mlp
