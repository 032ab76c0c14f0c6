// From the signal to exit: what a server that stops still answers, and what it reports meanwhile.

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "proto/health.grpc.pb.h"
#include "tests/e2e/health_check.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

using grpc::health::v1::HealthCheckResponse;
using inference::GRPCInferenceService;
using inference::ModelInferRequest;
using inference::ModelInferResponse;
using ::testing::HasSubstr;

class StopSignalTest : public ::testing::TestWithParam<int> {};

TEST_P(StopSignalTest, AnswersRequestsInFlightAndExitsWithZero) {
  // Long enough for slow builds on busy machines. The drain ends when the last request is answered.
  const auto server = ServerProcess::StartOnSampleModels({"--drain-seconds", "60"});
  ASSERT_TRUE(server.ok()) << server.status();
  int answered = 0;
  InferMany(
      OpenChannel((*server)->grpc_address()), 64,
      [&](int index) -> std::optional<ModelInferRequest> {
        if (index == 1500) return std::nullopt;
        // Sent in the middle of the requests, which continue for a while: load balancers need time
        // to redirect their traffic.
        if (index == 1000) (*server)->Signal(GetParam());
        return DigitsRequest("digits-relu", 32);
      },
      [&](int index, const grpc::Status& status, const ModelInferResponse&) {
        EXPECT_TRUE(status.ok()) << index << ": " << status.error_message();
        answered += status.ok() ? 1 : 0;
      });
  EXPECT_EQ(answered, 1500);
  EXPECT_EQ((*server)->WaitForExit(std::chrono::seconds(90)), 0) << (*server)->log();
  EXPECT_THAT((*server)->log(), HasSubstr("stopped"));
}

INSTANTIATE_TEST_SUITE_P(Both, StopSignalTest, ::testing::Values(SIGTERM, SIGINT),
                         [](const auto& param) {
                           return std::string(param.param == SIGTERM ? "SIGTERM" : "SIGINT");
                         });

TEST(LifecycleTest, StaysLiveButNotReadyWhileItDrainsThenRefusesClients) {
  const auto server = ServerProcess::StartOnSampleModels({"--drain-seconds", "4"});
  ASSERT_TRUE(server.ok()) << server.status();
  const auto channel = OpenChannel((*server)->grpc_address());
  bool signalled = false;
  bool refused = false;
  int answered_after_the_signal = 0;
  InferMany(
      channel, 16,
      [&](int index) -> std::optional<ModelInferRequest> {
        if (index == 500) {
          (*server)->Signal(SIGTERM);
          signalled = true;
        }
        if (index == 600) {
          EXPECT_EQ(HttpGet((*server)->http_port(), "/live").code, 200);
          EXPECT_EQ(HttpGet((*server)->http_port(), "/ready").code, 503);
          HealthCheckResponse health;
          EXPECT_TRUE(CheckHealth(channel, "", health).ok());
          EXPECT_EQ(health.status(), HealthCheckResponse::NOT_SERVING);
        }
        if (refused) return std::nullopt;
        return DigitsRequest("digits-relu");
      },
      [&](int, const grpc::Status& status, const ModelInferResponse&) {
        if (status.ok()) {
          answered_after_the_signal += signalled ? 1 : 0;
        } else {
          EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
          EXPECT_THAT(status.error_message(), HasSubstr("stopping"));
          refused = true;
        }
      });
  EXPECT_TRUE(refused);
  EXPECT_GT(answered_after_the_signal, 100);
  EXPECT_EQ((*server)->WaitForExit(), 0) << (*server)->log();
}

TEST(LifecycleTest, ExitsEvenIfClientsDoNotFinishWithinTheDrain) {
  const auto server = ServerProcess::StartOnSampleModels({"--drain-seconds", "1"});
  ASSERT_TRUE(server.ok()) << server.status();
  // A call whose client never sends the message.
  grpc::GenericStub stub(OpenChannel((*server)->grpc_address()));
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const auto call =
      stub.PrepareCall(&context, "/inference.GRPCInferenceService/ModelInfer", &queue);
  call->StartCall(nullptr);
  void* tag = nullptr;
  bool ok = false;
  ASSERT_TRUE(queue.Next(&tag, &ok));
  (*server)->Signal(SIGTERM);
  EXPECT_EQ((*server)->WaitForExit(), 0) << (*server)->log();
  context.TryCancel();
  queue.Shutdown();
}

TEST(ShutdownDelayTest, KeepsServingWithNotServingHealthUntilASecondSignal) {
  const auto server = ServerProcess::StartOnSampleModels({"--shutdown-delay-ms", "600000"});
  ASSERT_TRUE(server.ok()) << server.status();
  const auto channel = OpenChannel((*server)->grpc_address());
  (*server)->Signal(SIGTERM);
  HealthCheckResponse health;
  EXPECT_TRUE(Eventually([&] {
    EXPECT_TRUE(CheckHealth(channel, "", health).ok());
    return health.status() == HealthCheckResponse::NOT_SERVING;
  }));
  EXPECT_EQ(HttpGet((*server)->http_port(), "/ready").code, 503);
  ModelInferResponse response;
  EXPECT_TRUE(
      Infer(*GRPCInferenceService::NewStub(channel), DigitsRequest("digits-tanh"), response).ok());
  (*server)->Signal(SIGTERM);
  EXPECT_EQ((*server)->WaitForExit(), 128 + SIGTERM);
  EXPECT_THAT((*server)->log(), HasSubstr("second signal, 15: exiting immediately"));
}

// A client that follows the health state loses no request while servers are restarted in turn.
TEST(RollingRestartTest, FailsNoRequest) {
  constexpr int kServers = 4;
  std::vector<std::unique_ptr<ServerProcess>> servers;
  std::mutex mutex;
  std::shared_ptr<grpc::Channel> serving;  // guarded by mutex
  const auto start = [&] {
    auto server = ServerProcess::StartOnSampleModels({"--shutdown-delay-ms", "300"});
    ASSERT_TRUE(server.ok()) << server.status();
    servers.push_back(*std::move(server));
    const std::lock_guard lock(mutex);
    serving = OpenChannel(servers.back()->grpc_address());
  };
  start();
  std::atomic<bool> end = false;
  std::atomic<int> answered = 0;
  std::vector<std::string> failures;
  std::thread client([&] {
    while (!end) {
      std::shared_ptr<grpc::Channel> channel;
      {
        const std::lock_guard lock(mutex);
        channel = serving;
      }
      ModelInferResponse response;
      const grpc::Status status =
          Infer(*GRPCInferenceService::NewStub(channel), DigitsRequest("digits-tanh"), response);
      if (status.ok()) {
        ++answered;
      } else {
        failures.push_back(status.error_message());
      }
    }
  });
  for (int i = 1; i < kServers; ++i) {
    const int before = answered;
    while (answered < before + 50) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    start();
    // The load balancer notices the change of health some time after the signal.
    servers[static_cast<std::size_t>(i - 1)]->Signal(SIGTERM);
  }
  end = true;
  client.join();
  EXPECT_EQ(failures, std::vector<std::string>());
  for (int i = 0; i + 1 < kServers; ++i) {
    EXPECT_EQ(servers[static_cast<std::size_t>(i)]->WaitForExit(), 0);
  }
}

}  // namespace
}  // namespace mlp
