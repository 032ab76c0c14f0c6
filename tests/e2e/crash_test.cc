// A server is killed without warning under load.

#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/e2e/bound_port.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

TEST(CrashTest, EveryCallEndsAndAnotherServerCanUseTheAddressImmediately) {
  constexpr int kRequests = 2000;
  // Otherwise, another process could get the port between the two servers.
  const BoundPort kept(PortUse::kKept);
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
