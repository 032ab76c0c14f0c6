#include "server/rpc/completion_loop.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>

#include "tests/eventually.h"

namespace mlp {
namespace {

using Clock = CompletionLoop::Clock;

class CountTag final : public CompletionTag {
 public:
  void Complete(bool ok) override { completed += ok ? 1 : 0; }
  std::atomic<int> completed = 0;
};

class CompletionLoopTest : public ::testing::Test {
 protected:
  CompletionLoopTest() {
    grpc::ServerBuilder builder;
    loop_.emplace(builder.AddCompletionQueue());
    server_ = builder.BuildAndStart();
  }

  void SetAlarm(CompletionTag& tag) {
    alarm_.Set(loop_->queue(), gpr_now(GPR_CLOCK_MONOTONIC), &tag);
  }

  std::optional<CompletionLoop> loop_;
  std::unique_ptr<grpc::Server> server_;
  grpc::Alarm alarm_;
  std::atomic<int> calls_ = 0;
};

TEST_F(CompletionLoopTest, CompletesTagsAndCallsTheOwnerWhenItAskedTo) {
  CountTag tag;
  std::thread own([&] {
    loop_->Run([&] {
      ++calls_;
      return Clock::now() +
             (tag.completed > 0 ? std::chrono::milliseconds(5) : std::chrono::hours(1));
    });
  });
  SetAlarm(tag);
  EXPECT_TRUE(Eventually([&] { return tag.completed == 1 && calls_ >= 4; }));
  server_->Shutdown();
  loop_->Stop();
  own.join();
}

// The own thread is away from the beginning.
TEST_F(CompletionLoopTest, RelievesAThreadThatIsAway) {
  CountTag tag;
  std::thread relief([&] {
    loop_->Relieve([&] {
      ++calls_;
      return Clock::now() + std::chrono::milliseconds(5);
    });
  });
  SetAlarm(tag);
  EXPECT_TRUE(Eventually([&] { return tag.completed == 1 && calls_ >= 3; }));
  server_->Shutdown();
  loop_->Stop();
  loop_->Run([] { return Clock::time_point::max(); });
  relief.join();
}

TEST_F(CompletionLoopTest, StopsWhicheverThreadHearsOfIt) {
  std::thread relief([&] { loop_->Relieve([] { return Clock::time_point::max(); }); });
  std::thread own([&] { loop_->Run([] { return Clock::time_point::max(); }); });
  server_->Shutdown();
  loop_->Stop();
  own.join();
  relief.join();
  EXPECT_TRUE(loop_->stopping());
}

}  // namespace
}  // namespace mlp
