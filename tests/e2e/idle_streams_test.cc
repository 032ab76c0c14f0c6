// Thousands of streams on which nothing is asked, closed at once beside others' requests.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/e2e/http2_connection.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/process_times.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

constexpr int kStreamsOfAConnection = 500;

std::vector<std::unique_ptr<Http2Connection>> OpenIdleStreams(int port, int streams) {
  const std::string headers = CallHeaders(kModelStreamInfer);
  std::vector<std::unique_ptr<Http2Connection>> connections;
  for (int i = 0; i < streams; i += kStreamsOfAConnection) {
    connections.push_back(std::make_unique<Http2Connection>(port));
    std::string bytes;
    for (std::uint32_t stream = 1; stream < 2 * kStreamsOfAConnection; stream += 2) {
      bytes += Frame(kHeadersFrame, kEndHeaders, stream, headers);
    }
    EXPECT_TRUE(connections.back()->Send(bytes));
  }
  return connections;
}

class IdleStreamsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = ServerProcess::StartOnSampleModels({"--rpc-threads", "1"});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    stub_ = inference::GRPCInferenceService::NewStub(OpenChannel(server_->grpc_address()));
  }

  // How long one request takes.
  std::chrono::duration<double> Ask() {
    const auto start = std::chrono::steady_clock::now();
    inference::ModelInferResponse response;
    const grpc::Status status = Infer(*stub_, DigitsRequest("digits-tanh"), response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return std::chrono::steady_clock::now() - start;
  }

  // Waits until the server takes next to no CPU time for a while.
  void WaitUntilIdle() {
    int idle = 0;
    EXPECT_TRUE(Eventually([&] {
      const double before = CpuSeconds(server_->pid());
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      idle = CpuSeconds(server_->pid()) - before < 0.03 ? idle + 1 : 0;
      return idle == 4;
    }));
  }

  // The server's CPU time from the end of so many idle streams, all at once beside requests, until
  // it is idle again.
  double CpuSecondsOfClosing(int streams) {
    auto connections = OpenIdleStreams(server_->grpc_port(), streams);
    WaitUntilIdle();
    const double before = CpuSeconds(server_->pid());
    connections.clear();
    std::chrono::duration<double> slowest{0};
    for (int i = 0; i < 20; ++i) slowest = std::max(slowest, Ask());
    WaitUntilIdle();
    const double seconds = CpuSeconds(server_->pid()) - before;
    RecordProperty("slowest_answer_of_" + std::to_string(streams), std::to_string(slowest.count()));
    RecordProperty("cpu_seconds_of_" + std::to_string(streams), std::to_string(seconds));
    return seconds;
  }

  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<inference::GRPCInferenceService::Stub> stub_;
};

// If the server looked through all of them for each that ends, eight times as many would take it
// twenty times as long, and others' requests would wait for seconds.
TEST_F(IdleStreamsTest, EndInATimeThatGrowsWithTheirNumberOnly) {
  const int few = ServerProcess::IsOfAnotherBuild() ? 500 : 2'500;
  const double seconds_of_few = CpuSecondsOfClosing(few);
  EXPECT_LT(CpuSecondsOfClosing(8 * few), 14 * seconds_of_few);
}

TEST(OpenStreamsServerTest, RefusesStreamsBeyondTheLimitAndServesTheOthers) {
  auto server = ServerProcess::StartOnSampleModels({"--max-open-streams", "100"});
  ASSERT_TRUE(server.ok()) << server.status();
  const std::shared_ptr<grpc::Channel> channel = OpenChannel((*server)->grpc_address());
  const auto stub = inference::GRPCInferenceService::NewStub(channel);
  const auto refused = [&] {
    const std::string page = HttpGet((*server)->http_port(), "/metrics").body;
    return page.find("mlp_rejected_total{reason=\"open_streams\"} 400\n") != std::string::npos;
  };
  auto idle = OpenIdleStreams((*server)->grpc_port(), kStreamsOfAConnection);
  EXPECT_TRUE(Eventually(refused));
  inference::ModelInferResponse response;
  EXPECT_TRUE(Infer(*stub, DigitsRequest("digits-tanh"), response).ok());
  // One answer, or the status that the stream ends with.
  const auto ask = [&] {
    grpc::ClientContext context;
    const auto stream = stub->ModelStreamInfer(&context);
    stream->Write(DigitsRequest("digits-tanh"));
    stream->WritesDone();
    inference::ModelStreamInferResponse answer;
    while (stream->Read(&answer)) {
    }
    return stream->Finish().error_code();
  };
  EXPECT_EQ(ask(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  idle.clear();
  EXPECT_TRUE(Eventually([&] { return ask() == grpc::StatusCode::OK; }));
}

}  // namespace
}  // namespace mlp
