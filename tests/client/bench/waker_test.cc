#include "client/bench/waker.h"

#include <gtest/gtest.h>

#include <chrono>

namespace mlp {
namespace {

class WakerTest : public ::testing::Test {
 protected:
  ~WakerTest() override {
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  grpc::CompletionQueue queue_;
};

TEST_F(WakerTest, WakesWaitersRepeatedlyButNotBeforeTheFirstIsDue) {
  const LoadClock::time_point start = LoadClock::now();
  const ArrivalSchedule schedule(200.0, /*seed=*/1);
  Waker waker(schedule, start, queue_);
  for (int i = 0; i < 20; ++i) {
    waker.BeginWait();
    void* tag = nullptr;
    bool ok = false;
    ASSERT_TRUE(queue_.Next(&tag, &ok));
    waker.EndWait();
    EXPECT_EQ(tag, waker.tag());
    waker.Woken();
    EXPECT_LE(start + schedule.next(), LoadClock::now());
  }
}

TEST_F(WakerTest, DoesNotWakeThreadsThatDoNotWait) {
  Waker waker(ArrivalSchedule(10'000.0, 1), LoadClock::now(), queue_);
  void* tag = nullptr;
  bool ok = false;
  EXPECT_EQ(
      queue_.AsyncNext(&tag, &ok, std::chrono::system_clock::now() + std::chrono::milliseconds(30)),
      grpc::CompletionQueue::TIMEOUT);
}

TEST_F(WakerTest, StopsBeforeTheNextRequestIsDue) {
  Waker waker(ArrivalSchedule(1e-6, 1), LoadClock::now(), queue_);
  waker.BeginWait();
  waker.Stop();
  waker.Stop();
}

}  // namespace
}  // namespace mlp
