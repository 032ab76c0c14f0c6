#include "server/rpc/control_call.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

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

namespace mlp {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using CheckMethod = ControlMethod<HealthCheckRequest, HealthCheckResponse>;

// A server of one method, Check, with one call of it at a time.
class ControlCallTest : public ::testing::Test {
 protected:
  ControlCallTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    loop_.emplace(builder.AddCompletionQueue());
    server_ = builder.BuildAndStart();
    stub_ = Health::NewStub(server_->InProcessChannel({}));
  }

  ~ControlCallTest() override {
    server_->Shutdown(std::chrono::system_clock::now());
    loop_->Stop();
    thread_.join();
  }

  void Serve(CheckMethod::AnyAnswer answer) {
    owner_.reset(new ControlCallOwner{*loop_, {}, {}});
    owner_->frames.StartFirst(AnswerControlCall<HealthCheckRequest, HealthCheckResponse>(
        *owner_, {[this](grpc::ServerContext* context, grpc::ByteBuffer* message,
                         CheckMethod::Writer* writer, void* tag) {
                    service_.RequestCheck(context, message, writer, loop_->queue(), loop_->queue(),
                                          tag);
                  },
                  CheckControlBytes, std::move(answer)}));
    thread_ = std::thread(
        [this] { loop_->Run([] { return CompletionLoop::Clock::time_point::max(); }); });
  }

  grpc::Status Check(const std::string& service) {
    HealthCheckRequest request;
    request.set_service(service);
    grpc::ClientContext context;
    HealthCheckResponse response;
    return stub_->Check(&context, request, &response);
  }

  void ExpectOneRefusedForWantOfMemory() {
    const grpc::Status refused = Check("too large");
    EXPECT_EQ(refused.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(refused.error_message(), "there is not enough memory to answer the request");
    const grpc::Status after = Check("small");
    EXPECT_TRUE(after.ok()) << after.error_message();
  }

 private:
  Health::WithRawMethod_Check<Health::AsyncService> service_;
  std::optional<CompletionLoop> loop_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Health::Stub> stub_;
  std::unique_ptr<ControlCallOwner> owner_;
  std::thread thread_;
};

// As an allocation that fails.
void AllocateFor(const HealthCheckRequest& request) {
  if (request.service() == "too large") throw std::bad_alloc();
}

TEST_F(ControlCallTest, RefusesACallWhoseAnswerFindsNoMemory) {
  Serve([](const HealthCheckRequest& request, HealthCheckResponse& /*response*/) {
    AllocateFor(request);
    return absl::OkStatus();
  });
  ExpectOneRefusedForWantOfMemory();
}

TEST_F(ControlCallTest, RefusesACallThatFindsNoMemoryToBeAnsweredLater) {
  Serve([](const HealthCheckRequest& request, const CheckMethod::Done& done) {
    AllocateFor(request);
    done(absl::OkStatus());
  });
  ExpectOneRefusedForWantOfMemory();
}

TEST_F(ControlCallTest, AnswersLaterWithTheErrorThatCame) {
  std::thread worker;
  Serve([&worker](const HealthCheckRequest& request, const CheckMethod::Done& done) {
    worker =
        std::thread([service = request.service(), done] { done(absl::NotFoundError(service)); });
  });
  const grpc::Status status = Check("a");
  worker.join();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "a");
}

}  // namespace
}  // namespace mlp
