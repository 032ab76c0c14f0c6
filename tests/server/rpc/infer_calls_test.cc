// ModelInfer and ModelStreamInfer calls as a client sees them, with batches that the test holds
// back. Checks what is accepted, answered and released when clients or the server go away in the
// middle of a call.

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "proto/open_inference.grpc.pb.h"
#include "server/rpc/stream_infer_calls.h"
#include "server/rpc/unary_infer_calls.h"
#include "tests/eventually.h"
#include "tests/server/rpc/scheduler_test.h"
#include "tests/server/small_model.h"
#include "tests/server/small_request.h"

namespace mlp {
namespace {

using inference::GRPCInferenceService;
using inference::ModelInferRequest;
using inference::ModelInferResponse;
using inference::ModelStreamInferResponse;

class InferCallsTest : public SchedulerTest {
 protected:
  InferCallsTest() {
    catalog_.Publish(SmallModelTable(arena_, metrics_));
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    loop_.emplace(builder.AddCompletionQueue());
    server_ = builder.BuildAndStart();
    stub_ = GRPCInferenceService::NewStub(server_->InProcessChannel({}));
    unary_.emplace(*loop_, service_, scheduler_);
    streams_.emplace(*loop_, service_, scheduler_, open_streams_, metrics_);
    unary_->Post();
    streams_->Post();
    thread_ = std::thread([this] { loop_->Run([this] { return Act(); }); });
  }

  ~InferCallsTest() override {
    if (!stopped_) Stop();
  }

  void Stop() {
    stopped_ = true;
    holds_ = false;
    ends_streams_ = true;
    server_->Shutdown(std::chrono::system_clock::now());
    loop_->Stop();
    thread_.join();
  }

  // What the worker does between two drains. Also records what the test observes.
  Clock::time_point Act() {
    if (ends_streams_) streams_->End();
    Clock::time_point next = Clock::time_point::max();
    if (!holds_) next = scheduler_.EvaluateRound(Clock::now());
    in_flight_ = unary_->has_calls() || streams_->has_calls();
    waiting_rows_ = admission_.rows();
    // Wakes up regularly, because the test sets its flags from another thread.
    return std::min(next, Clock::now() + std::chrono::milliseconds(5));
  }

  static ModelInferRequest Request(const std::string& id) {
    ModelInferRequest request = SmallRequest(1);
    request.set_model_name("small");
    request.set_id(id);
    return request;
  }

  // Whether nothing of any client is held any more.
  bool EverythingIsGivenBack() {
    return Eventually([this] {
      return !in_flight_ && waiting_rows_ == 0 && admission_.bytes() == 0 && answers_.bytes() == 0;
    });
  }

  OpenStreams open_streams_{1000};
  InferService service_;
  std::optional<CompletionLoop> loop_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<GRPCInferenceService::Stub> stub_;
  std::optional<UnaryInferCalls> unary_;
  std::optional<StreamInferCalls> streams_;
  std::atomic<bool> holds_ = false;         // while true, no batch is evaluated
  std::atomic<bool> ends_streams_ = false;  // ends the streams, as a drain does
  std::atomic<bool> in_flight_ = false;
  std::atomic<std::int64_t> waiting_rows_ = 0;
  bool stopped_ = false;
  std::thread thread_;
};

TEST_F(InferCallsTest, AnswersTheRequestsOfAStreamInTheirOrder) {
  grpc::ClientContext context;
  const auto stream = stub_->ModelStreamInfer(&context);
  std::thread writer([&] {
    for (int i = 0; i < 200; ++i) EXPECT_TRUE(stream->Write(Request(std::to_string(i))));
    stream->WritesDone();
  });
  ModelStreamInferResponse response;
  for (int i = 0; i < 200; ++i) {
    EXPECT_TRUE(stream->Read(&response)) << i;
    EXPECT_EQ(response.infer_response().id(), std::to_string(i));
  }
  writer.join();
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_TRUE(EverythingIsGivenBack());
}

TEST_F(InferCallsTest, ReadsNoMoreOfAStreamThanMayBeInFlight) {
  holds_ = true;
  grpc::ClientContext context;
  const auto stream = stub_->ModelStreamInfer(&context);
  std::thread writer([&] {
    for (int i = 0; i < 100; ++i) stream->Write(Request(std::to_string(i)));
    stream->WritesDone();
  });
  constexpr auto kMax = static_cast<std::int64_t>(StreamInferCalls::kMaxInFlight);
  EXPECT_TRUE(Eventually([&] { return waiting_rows_ == kMax; }));
  holds_ = false;
  ModelStreamInferResponse response;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(stream->Read(&response)) << i;
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(InferCallsTest, ReleasesEverythingOfAClientThatDisconnects) {
  holds_ = true;
  {
    grpc::ClientContext context;
    const auto stream = stub_->ModelStreamInfer(&context);
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(stream->Write(Request(std::to_string(i))));
    EXPECT_TRUE(Eventually([this] { return waiting_rows_ == 10; }));
    context.TryCancel();
    stream->Finish();
  }
  holds_ = false;
  EXPECT_TRUE(EverythingIsGivenBack());
}

TEST_F(InferCallsTest, EndsAStreamOnceItsRequestsAreAnsweredWhenTheServerStops) {
  holds_ = true;
  grpc::ClientContext context;
  const auto stream = stub_->ModelStreamInfer(&context);
  ASSERT_TRUE(stream->Write(Request("last")));
  EXPECT_TRUE(Eventually([this] { return waiting_rows_ == 1; }));
  ends_streams_ = true;
  holds_ = false;
  ModelStreamInferResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.infer_response().id(), "last");
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  // A stream opened after that gets the same status immediately.
  grpc::ClientContext late_context;
  const auto late = stub_->ModelStreamInfer(&late_context);
  EXPECT_FALSE(late->Read(&response));
  EXPECT_EQ(late->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(EverythingIsGivenBack());
}

// More calls than are posted in advance, and more than are kept idle afterwards.
TEST_F(InferCallsTest, AnswersEachOfManySimultaneousCalls) {
  constexpr int kCalls = 600;
  struct Call {
    grpc::ClientContext context;
    ModelInferResponse response;
    grpc::Status status;
    std::unique_ptr<grpc::ClientAsyncResponseReader<ModelInferResponse>> reader;
  };
  for (int round = 0; round < 2; ++round) {
    holds_ = true;
    grpc::CompletionQueue queue;
    std::vector<std::unique_ptr<Call>> calls;
    for (int i = 0; i < kCalls; ++i) {
      calls.push_back(std::make_unique<Call>());
      Call& call = *calls.back();
      call.reader = stub_->AsyncModelInfer(&call.context, Request(std::to_string(i)), &queue);
      call.reader->Finish(&call.response, &call.status, &call);
    }
    EXPECT_TRUE(Eventually([this] { return waiting_rows_ == kCalls; }));
    holds_ = false;
    void* tag = nullptr;
    bool ok = false;
    for (int i = 0; i < kCalls; ++i) ASSERT_TRUE(queue.Next(&tag, &ok));
    for (int i = 0; i < kCalls; ++i) {
      EXPECT_TRUE(calls[i]->status.ok()) << calls[i]->status.error_message();
      EXPECT_EQ(calls[i]->response.id(), std::to_string(i));
    }
    EXPECT_TRUE(EverythingIsGivenBack());
    queue.Shutdown();
    while (queue.Next(&tag, &ok)) {
    }
  }
  // The idle calls end with the others.
  Stop();
}

}  // namespace
}  // namespace mlp
