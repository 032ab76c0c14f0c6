// Thousands of idle streams are closed at the same time, while other clients send requests.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "proto/health.grpc.pb.h"
#include "proto/reflection.grpc.pb.h"
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
  const std::string headers = CallHeaders(kModelStreamInferPath);
  std::vector<std::unique_ptr<Http2Connection>> connections;
  for (int i = 0; i < streams; i += kStreamsOfAConnection) {
    connections.push_back(std::make_unique<Http2Connection>(port));
    EXPECT_TRUE(connections.back()->IsServed());
    std::uint32_t stream = 1;
    EXPECT_TRUE(connections.back()->Send(OpenCalls(headers, kStreamsOfAConnection, stream)));
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

  // Sends one request and returns how long it took.
  std::chrono::duration<double> Ask() {
    const auto start = std::chrono::steady_clock::now();
    inference::ModelInferResponse response;
    const grpc::Status status = Infer(*stub_, DigitsRequest("digits-tanh"), response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return std::chrono::steady_clock::now() - start;
  }

  // Waits until the server has used almost no CPU time for a while, and not for lack of a CPU.
  void WaitUntilIdle() {
    int idle = 0;
    EXPECT_TRUE(Eventually([&] {
      const double before = CpuSeconds(server_->pid());
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
      const bool is_idle =
          CpuSeconds(server_->pid()) - before < 0.03 && !HasRunnableThread(server_->pid());
      idle = is_idle ? idle + 1 : 0;
      return idle == 4;
    }));
  }

  // The CPU time the server uses from the moment that many idle streams end, all at once and next
  // to requests, until it is idle again.
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

// If the server searched all streams for each one that ends, four times as many streams would take
// about fifteen times as long, and other clients' requests would wait for seconds. On a busy
// machine CPU times vary by a factor of two, so one of three comparisons suffices.
TEST_F(IdleStreamsTest, EndInTimeProportionalToTheirNumber) {
  const int few = ServerProcess::IsOfAnotherBuild() ? 1'000 : 5'000;
  std::string tried;
  for (int i = 0; i < 3; ++i) {
    const double seconds_of_few = CpuSecondsOfClosing(few);
    const double seconds_of_many = CpuSecondsOfClosing(4 * few);
    if (seconds_of_many < 8 * seconds_of_few) return;
    absl::StrAppend(&tried, " ", seconds_of_few, " s and ", seconds_of_many, " s;");
  }
  FAIL() << few << " and four times as many streams ended in" << tried;
}

// Opens calls, from `connections` connections, of a method that answers nothing until it gets a
// message.
std::vector<std::unique_ptr<Http2Connection>> OpenIdleCalls(int port, const char* method,
                                                            int connections, int calls) {
  std::vector<std::unique_ptr<Http2Connection>> open;
  for (int i = 0; i < connections; ++i) {
    open.push_back(std::make_unique<Http2Connection>(port));
    EXPECT_TRUE(open.back()->IsServed());
    for (int call = 0; call < calls; ++call) {
      const auto stream = static_cast<std::uint32_t>(2 * call + 1);
      // An empty message, for methods that take one at the start.
      EXPECT_TRUE(open.back()->Send(Frame(kHeadersFrame, kEndHeaders, stream, CallHeaders(method)) +
                                    DataFrames(stream, GrpcMessage(""), /*end_stream=*/false)));
    }
  }
  return open;
}

class OpenStreamsServerTest : public ::testing::Test {
 protected:
  using InferStream =
      grpc::ClientReaderWriter<inference::ModelInferRequest, inference::ModelStreamInferResponse>;

  void Serve(const std::string& most_streams) {
    auto server = ServerProcess::StartOnSampleModels({"--max-open-streams", most_streams});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    channel_ = OpenChannel(server_->grpc_address());
    stub_ = inference::GRPCInferenceService::NewStub(channel_);
  }

  std::unique_ptr<InferStream> Open(grpc::ClientContext& context) {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    return stub_->ModelStreamInfer(&context);
  }

  static bool IsAnswered(InferStream& stream) {
    inference::ModelStreamInferResponse answer;
    return stream.Write(DigitsRequest("digits-tanh")) && stream.Read(&answer) &&
           answer.error_message().empty();
  }

  // The number of refused requests, by reason and by code.
  std::pair<double, double> Refused() const {
    std::pair<double, double> refused;
    for (const auto& [name, value] : ReadMetrics(server_->http_port())) {
      if (absl::StartsWith(name, "mlp_rejected_total{")) refused.first += value;
      if (absl::StartsWith(name, "mlp_requests_total{") && !absl::StrContains(name, "\"OK\"")) {
        refused.second += value;
      }
    }
    return refused;
  }

  std::unique_ptr<ServerProcess> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<inference::GRPCInferenceService::Stub> stub_;
};

TEST_F(OpenStreamsServerTest, RefusesStreamsBeyondAConnectionsShareAndServesTheOthers) {
  Serve("100");
  const auto idle = OpenIdleStreams(server_->grpc_port(), kStreamsOfAConnection);
  const auto refused = [&] {
    return ReadMetrics(
        server_->http_port())[R"(mlp_rejected_total{model="",reason="open_streams"})"];
  };
  EXPECT_TRUE(Eventually([&] { return refused() >= kStreamsOfAConnection - 25; }));
  EXPECT_EQ(refused(), kStreamsOfAConnection - 25);
  inference::ModelInferResponse response;
  EXPECT_TRUE(Infer(*stub_, DigitsRequest("digits-tanh"), response).ok());
  // A quarter of the 75 streams that are left.
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<InferStream>> streams;
  const auto open_another = [&] {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    streams.push_back(Open(*contexts.back()));
    return IsAnswered(*streams.back());
  };
  for (int i = 0; i < 18; ++i) ASSERT_TRUE(open_another()) << i;
  ASSERT_FALSE(open_another());
  EXPECT_EQ(streams.back()->Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  streams.front()->WritesDone();
  EXPECT_TRUE(streams.front()->Finish().ok());
  EXPECT_TRUE(Eventually(open_another));
}

TEST_F(OpenStreamsServerTest, CountsARefusedStreamByItsReasonAndByItsCode) {
  Serve("1");
  grpc::ClientContext first_context;
  const auto first = Open(first_context);
  ASSERT_TRUE(IsAnswered(*first));
  for (int i = 0; i < 10; ++i) {
    grpc::ClientContext context;
    const auto stream = Open(context);
    ASSERT_FALSE(IsAnswered(*stream));
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  }
  inference::ModelInferResponse response;
  EXPECT_FALSE(Infer(*stub_, DigitsRequest("nobody"), response).ok());
  EXPECT_FALSE(Infer(*stub_, RawRequest("digits-tanh", 1, 3, {1, 2, 3}), response).ok());
  EXPECT_EQ(Refused(), std::pair(12.0, 12.0));
}

TEST_F(OpenStreamsServerTest, KeepsStreamsOfEachKindForClientsThatArriveAfterGreedyOnes) {
  Serve("256");
  const int port = server_->grpc_port();
  const auto reflections = OpenIdleCalls(port, kReflectionPath, 8, 100);
  const auto watches = OpenIdleCalls(port, kHealthWatchPath, 8, 300);
  const auto idle = OpenIdleStreams(port, 8 * kStreamsOfAConnection);
  EXPECT_TRUE(Eventually([&] { return Refused().first >= 8 * kStreamsOfAConnection - 256; }));
  const auto health = grpc::health::v1::Health::NewStub(channel_);
  const auto reflection = grpc::reflection::v1alpha::ServerReflection::NewStub(channel_);
  for (int i = 0; i < 20; ++i) {
    grpc::ClientContext stream_context;
    grpc::ClientContext second_context;
    const auto stream = Open(stream_context);
    const auto second = Open(second_context);
    ASSERT_TRUE(IsAnswered(*stream)) << i;
    ASSERT_TRUE(IsAnswered(*second)) << i;
    grpc::ClientContext watch_context;
    const auto watch = health->Watch(&watch_context, {});
    grpc::health::v1::HealthCheckResponse status;
    ASSERT_TRUE(watch->Read(&status)) << i << ": " << watch->Finish().error_message();
    grpc::ClientContext reflection_context;
    const auto reflected = reflection->ServerReflectionInfo(&reflection_context);
    grpc::reflection::v1alpha::ServerReflectionRequest request;
    request.set_list_services("");
    grpc::reflection::v1alpha::ServerReflectionResponse services;
    ASSERT_TRUE(reflected->Write(request) && reflected->Read(&services)) << i;
    watch_context.TryCancel();
    for (InferStream* const open : {stream.get(), second.get()}) {
      open->WritesDone();
      EXPECT_TRUE(open->Finish().ok());
    }
    reflected->WritesDone();
    EXPECT_TRUE(reflected->Finish().ok());
  }
}

}  // namespace
}  // namespace mlp
