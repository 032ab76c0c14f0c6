// Requests that other threads hand to a worker, with batches that the test holds back.

#include "server/rpc/local_infer_calls.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/rpc/infer_service.h"
#include "server/rpc/message_bytes.h"
#include "tests/eventually.h"
#include "tests/server/rpc/scheduler_test.h"
#include "tests/server/small_model.h"
#include "tests/server/small_request.h"

namespace mlp {
namespace {

class LocalInferCallsTest : public SchedulerTest {
 protected:
  LocalInferCallsTest() {
    catalog_.Publish(SmallModelTable(arena_, metrics_));
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    loop_.emplace(builder.AddCompletionQueue());
    server_ = builder.BuildAndStart();
    calls_.emplace(*loop_, scheduler_);
    calls_->Post();
    thread_ = std::thread([this] {
      loop_->Run([this] {
        waiting_rows_ = admission_.rows();
        Clock::time_point next = Clock::time_point::max();
        if (!holds_) next = scheduler_.EvaluateRound(Clock::now());
        return std::min(next, Clock::now() + std::chrono::milliseconds(5));
      });
    });
  }

  ~LocalInferCallsTest() override {
    holds_ = false;
    calls_->Close(Clock::now());
    server_->Shutdown(std::chrono::system_clock::now());
    loop_->Stop();
    thread_.join();
  }

  // Returns the future answer, and sets the number of the call.
  std::future<LocalAnswer> Submit(const std::string& id, std::uint64_t* call = nullptr) {
    inference::ModelInferRequest message = SmallRequest(1);
    message.set_model_name("small");
    message.set_id(id);
    LocalRequest request;
    EXPECT_TRUE(EncodeMessage(message, request.message).ok());
    request.connection = "test";
    request.arrival = Clock::now();
    auto answer = std::make_shared<std::promise<LocalAnswer>>();
    request.done = [answer](LocalAnswer local_answer) {
      answer->set_value(std::move(local_answer));
    };
    const std::uint64_t number = calls_->Submit(std::move(request));
    if (call != nullptr) *call = number;
    return answer->get_future();
  }

  static std::string IdOf(LocalAnswer answer) {
    EXPECT_TRUE(answer.status.ok()) << answer.status;
    inference::ModelInferResponse response;
    EXPECT_TRUE(DecodeMessage(answer.bytes, response).ok());
    return response.id();
  }

  InferService service_;
  std::optional<CompletionLoop> loop_;
  std::unique_ptr<grpc::Server> server_;
  std::optional<LocalInferCalls> calls_;
  std::atomic<bool> holds_ = false;  // while true, no batch is evaluated
  std::atomic<std::int64_t> waiting_rows_ = 0;
  std::thread thread_;
};

TEST_F(LocalInferCallsTest, AnswersRequestsOfManyThreads) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([this, thread] {
      for (int i = 0; i < 200; ++i) {
        const std::string id = std::to_string(1000 * thread + i);
        EXPECT_EQ(IdOf(Submit(id).get()), id);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answers_.bytes(), 0);
  EXPECT_EQ(admission_.bytes(), 0);
}

TEST_F(LocalInferCallsTest, HoldsTheBytesOfAnAnswerUntilItIsReleased) {
  std::optional<LocalAnswer> answer = Submit("a").get();
  EXPECT_GT(answers_.bytes(), 0);
  answer.reset();
  EXPECT_EQ(answers_.bytes(), 0);
}

TEST_F(LocalInferCallsTest, CancelsRequestsNotYetEvaluated) {
  holds_ = true;
  std::uint64_t call = 0;
  std::future<LocalAnswer> cancelled = Submit("cancelled", &call);
  std::future<LocalAnswer> other = Submit("other");
  EXPECT_TRUE(Eventually([this] { return waiting_rows_ == 2; }));
  calls_->Cancel(call);
  calls_->Cancel(call + 1000);  // an unknown call
  calls_->Cancel(LocalInferCalls::kRefusedCall);
  // Submitted after the first cancellation.
  std::future<LocalAnswer> last = Submit("last");
  EXPECT_TRUE(Eventually([this] { return waiting_rows_ == 3; }));
  holds_ = false;
  EXPECT_TRUE(absl::IsCancelled(cancelled.get().status));
  EXPECT_EQ(IdOf(other.get()), "other");
  EXPECT_EQ(IdOf(last.get()), "last");
  calls_->Cancel(call);  // already answered
}

TEST_F(LocalInferCallsTest, ClosesWhenAllAreAnswered) {
  holds_ = true;
  std::future<LocalAnswer> answer = Submit("a");
  std::future<void> closed = std::async(
      std::launch::async, [this] { calls_->Close(Clock::now() + std::chrono::minutes(1)); });
  EXPECT_TRUE(Eventually([this] {
    // Requests that arrive before closing has begun wait with the others.
    std::future<LocalAnswer> refused = Submit("refused");
    return refused.wait_for(std::chrono::seconds(0)) == std::future_status::ready &&
           absl::IsUnavailable(refused.get().status);
  }));
  EXPECT_EQ(closed.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  holds_ = false;
  closed.get();
  EXPECT_EQ(IdOf(answer.get()), "a");
}

}  // namespace
}  // namespace mlp
