#include "server/rpc/control_call.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "proto/health.grpc.pb.h"
#include "server/rpc/completion_loop.h"
#include "tests/e2e/http2_connection.h"
#include "tests/eventually.h"

namespace mlp {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using CheckMethod = ControlMethod<HealthCheckRequest, HealthCheckResponse>;

// A server with the single method Check, which handles one call at a time.
class ControlCallTest : public ::testing::Test {
 protected:
  ControlCallTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    loop_.emplace(builder.AddCompletionQueue());
    server_ = builder.BuildAndStart();
    stub_ = Health::NewStub(server_->InProcessChannel({}));
  }

  ~ControlCallTest() override {
    server_->Shutdown(std::chrono::system_clock::now());
    loop_->Stop();
    thread_.join();
  }

  // Cancels a call if its client takes longer than `patience` to read the answer.
  void Serve(CheckMethod::AnyAnswer answer,
             std::optional<UnreadAnswers::Clock::duration> patience = std::nullopt) {
    owner_ = std::make_unique<ControlCallOwner>(
        *loop_, patience.value_or(UnreadAnswers::Clock::duration::max()));
    owner_->frames.StartFirst(AnswerControlCalls<HealthCheckRequest, HealthCheckResponse>(
        *owner_, std::make_shared<const CheckMethod>(
                     CheckMethod{[this](grpc::ServerContext* context, grpc::ByteBuffer* message,
                                        CheckMethod::Writer* writer, void* tag) {
                                   service_.RequestCheck(context, message, writer, loop_->queue(),
                                                         loop_->queue(), tag);
                                 },
                                 CheckControlBytes, std::move(answer)})));
    if (patience) owner_->frames.StartFirst(CancelUnreadAnswers(*owner_));
    thread_ = std::thread([this] {
      loop_->Run([this] {
        some_wait_ = !owner_->unread.empty();
        if (some_wait_) some_waited_ = true;
        return CompletionLoop::Clock::time_point::max();
      });
    });
  }

  grpc::Status Check(const std::string& service) {
    HealthCheckRequest request;
    request.set_service(service);
    grpc::ClientContext context;
    HealthCheckResponse response;
    return stub_->Check(&context, request, &response);
  }

  int port() const { return port_; }

  // Whether an answer has waited for its client, and none is waiting now.
  bool some_waited_and_went() const { return some_waited_ && !some_wait_; }

  void ExpectOneRefusedForWantOfMemory() {
    const grpc::Status refused = Check("too large");
    EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(refused.error_message(), "there is not enough memory to answer the request");
    const grpc::Status after = Check("small");
    EXPECT_TRUE(after.ok()) << after.error_message();
  }

 private:
  Health::WithRawMethod_Check<Health::AsyncService> service_;
  int port_ = 0;
  std::atomic<bool> some_wait_ = false;
  std::atomic<bool> some_waited_ = false;
  std::optional<CompletionLoop> loop_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Health::Stub> stub_;
  std::unique_ptr<ControlCallOwner> owner_;
  std::thread thread_;
};

// Behaves like an allocation that fails.
void AllocateFor(const HealthCheckRequest& request) {
  if (request.service() == "too large") throw std::bad_alloc();
}

TEST_F(ControlCallTest, RefusesACallIfThereIsNoMemoryForItsAnswer) {
  Serve([](const HealthCheckRequest& request, HealthCheckResponse& /*response*/) {
    AllocateFor(request);
    return absl::OkStatus();
  });
  ExpectOneRefusedForWantOfMemory();
}

TEST_F(ControlCallTest, RefusesACallIfThereIsNoMemoryToAnswerItLater) {
  Serve([](const HealthCheckRequest& request, HealthCheckResponse& /*response*/,
           const CheckMethod::Done& done) {
    AllocateFor(request);
    done(absl::OkStatus());
  });
  ExpectOneRefusedForWantOfMemory();
}

TEST_F(ControlCallTest, AnswersLaterWithTheReportedError) {
  std::thread worker;
  Serve([&worker](const HealthCheckRequest& request, HealthCheckResponse& /*response*/,
                  const CheckMethod::Done& done) {
    worker =
        std::thread([service = request.service(), done] { done(absl::NotFoundError(service)); });
  });
  const grpc::Status status = Check("a");
  worker.join();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "a");
}

TEST_F(ControlCallTest, EndsACallWithAnUnreadAnswerEvenIfNoOtherArrives) {
  const auto answer = [](const HealthCheckRequest& /*request*/, HealthCheckResponse& response) {
    response.set_status(HealthCheckResponse::SERVING);
    return absl::OkStatus();
  };
  Serve(answer, std::chrono::milliseconds(500));
  Http2Connection client(port());
  client.Send(Frame(kSettingsFrame, 0, 0, std::string("\0\4\0\0\0\0", 6)) +
              Frame(kHeadersFrame, kEndHeaders, 1, CallHeaders("/grpc.health.v1.Health/Check")) +
              DataFrames(1, GrpcMessage(""), /*end_stream=*/true));
  EXPECT_TRUE(Eventually([this] { return some_waited_and_went(); }));
}

}  // namespace
}  // namespace mlp
