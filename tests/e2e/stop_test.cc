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

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "proto/health.grpc.pb.h"
#include "tests/e2e/health_check.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/pauses.h"
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
  for (int i = 0; i < kMaxRepetitions; ++i) {
    // Long enough for slow builds on busy machines. The drain ends when the last request is
    // answered.
    const auto server = ServerProcess::StartOnSampleModels({"--drain-seconds", "60"});
    ASSERT_TRUE(server.ok()) << server.status();
    bool signalled = false;
    Pauses pauses;
    std::vector<std::string> failures;
    InferMany(
        OpenChannel((*server)->grpc_address()), 64,
        [&](int index) -> std::optional<ModelInferRequest> {
          if (index == 1500) return std::nullopt;
          // Sent in the middle of the requests, which continue for a while: load balancers need
          // time to redirect their traffic.
          if (index == 1000) {
            (*server)->Signal(GetParam());
            signalled = true;
          }
          if (signalled) pauses.Mark();
          return DigitsRequest("digits-relu", 32);
        },
        [&](int index, const grpc::Status& status, const ModelInferResponse&) {
          if (signalled) pauses.Mark();
          if (!status.ok()) failures.push_back(absl::StrCat(index, ": ", status.error_message()));
        });
    EXPECT_EQ((*server)->WaitForExit(), 0) << (*server)->log();
    EXPECT_THAT((*server)->log(), HasSubstr("stopped"));
    if (failures.empty()) return;
    ASSERT_TRUE(pauses.any()) << ::testing::PrintToString(failures);
  }
  FAIL() << "the client paused each time";
}

INSTANTIATE_TEST_SUITE_P(Both, StopSignalTest, ::testing::Values(SIGTERM, SIGINT),
                         [](const auto& param) {
                           return std::string(param.param == SIGTERM ? "SIGTERM" : "SIGINT");
                         });

// What a client sees that keeps asking while the server drains.
struct SeenDrain {
  int live = 0;  // codes of HTTP
  int ready = 0;
  HealthCheckResponse::ServingStatus health = HealthCheckResponse::UNKNOWN;
  int answered_after_the_signal = 0;
  std::vector<grpc::Status> refusals;
  Pauses pauses;
};

SeenDrain EndUnderAClient(ServerProcess& server) {
  const auto channel = OpenChannel(server.grpc_address());
  SeenDrain seen;
  bool signalled = false;
  InferMany(
      channel, 16,
      [&](int index) -> std::optional<ModelInferRequest> {
        if (!seen.refusals.empty()) return std::nullopt;
        if (index == 500) {
          server.Signal(SIGTERM);
          signalled = true;
        }
        if (index == 600) {
          seen.live = HttpGet(server.http_port(), "/live").code;
          // The server may take the signal later than these requests.
          EXPECT_TRUE(Eventually([&] {
            seen.ready = HttpGet(server.http_port(), "/ready").code;
            return seen.ready != 200;
          }));
          HealthCheckResponse health;
          if (CheckHealth(channel, "", health).ok()) seen.health = health.status();
        }
        if (signalled) seen.pauses.Mark();
        return DigitsRequest("digits-relu");
      },
      [&](int, const grpc::Status& status, const ModelInferResponse&) {
        if (signalled) seen.pauses.Mark();
        if (!status.ok()) seen.refusals.push_back(status);
        if (status.ok() && signalled) ++seen.answered_after_the_signal;
      });
  return seen;
}

// What is wrong with it; empty if nothing is.
std::string FaultsOf(const SeenDrain& seen) {
  std::string faults;
  if (seen.live != 200) absl::StrAppend(&faults, "/live is answered with ", seen.live, "\n");
  if (seen.ready != 503) absl::StrAppend(&faults, "/ready is answered with ", seen.ready, "\n");
  if (seen.health != HealthCheckResponse::NOT_SERVING) {
    absl::StrAppend(&faults, "the health is ", seen.health, "\n");
  }
  if (seen.answered_after_the_signal <= 100) {
    absl::StrAppend(&faults, "only ", seen.answered_after_the_signal, " requests are answered\n");
  }
  if (seen.refusals.empty()) absl::StrAppend(&faults, "no request is refused\n");
  for (const grpc::Status& refusal : seen.refusals) {
    if (refusal.error_code() != grpc::StatusCode::UNAVAILABLE ||
        !absl::StrContains(refusal.error_message(), "stopping")) {
      absl::StrAppend(&faults, "a request is refused with ", refusal.error_message(), "\n");
    }
  }
  return faults;
}

TEST(LifecycleTest, StaysLiveButNotReadyWhileItDrainsThenRefusesClients) {
  for (int i = 0; i < kMaxRepetitions; ++i) {
    const auto server = ServerProcess::StartOnSampleModels({"--drain-seconds", "4"});
    ASSERT_TRUE(server.ok()) << server.status();
    const SeenDrain seen = EndUnderAClient(**server);
    EXPECT_EQ((*server)->WaitForExit(), 0) << (*server)->log();
    const std::string faults = FaultsOf(seen);
    if (faults.empty()) return;
    ASSERT_TRUE(seen.pauses.any()) << faults;
  }
  FAIL() << "the client paused each time";
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
    auto server = ServerProcess::StartOnSampleModels({"--shutdown-delay-ms", "3000"});
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
    // The load balancer notices the change of health some time after the signal: the client may
    // still send a request to the old server, even seconds later on a machine that stalls.
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
