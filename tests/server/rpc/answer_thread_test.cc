#include "server/rpc/answer_thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <new>
#include <vector>

#include "tests/eventually.h"

namespace mlp {
namespace {

TEST(AnswerThreadTest, DoesTheWorkInOrderAndReportsItsOutcome) {
  AnswerThread thread;
  std::vector<int> order;
  std::vector<absl::Status> outcomes;
  std::promise<void> over;
  for (int i = 0; i < 3; ++i) {
    thread.Add(
        [&order, i] {
          order.push_back(i);
          return i == 1 ? absl::NotFoundError("one") : absl::OkStatus();
        },
        [&, i](const absl::Status& status) {
          outcomes.push_back(status);
          if (i == 2) over.set_value();
        });
  }
  over.get_future().wait();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(outcomes, (std::vector<absl::Status>{absl::OkStatus(), absl::NotFoundError("one"),
                                                 absl::OkStatus()}));
}

TEST(AnswerThreadTest, RefusesWorkIfThereIsNoMemory) {
  AnswerThread thread;
  std::promise<absl::Status> outcome;
  thread.Add([]() -> absl::Status { throw std::bad_alloc(); },
             [&](const absl::Status& status) { outcome.set_value(status); });
  EXPECT_EQ(outcome.get_future().get().code(), absl::StatusCode::kResourceExhausted);
}

// Work that blocks until the test lets it continue.
class HeldWork final {
 public:
  AnswerThread::Work Work() {
    return [this] {
      begun_ = true;
      go_on_.get_future().wait();
      return absl::OkStatus();
    };
  }
  bool HasBegun() {
    return Eventually([this] { return begun_.load(); });
  }
  void GoOn() { go_on_.set_value(); }

 private:
  std::atomic<bool> begun_ = false;
  std::promise<void> go_on_;
};

TEST(AnswerThreadTest, RefusesTooMuchWork) {
  AnswerThread thread;
  HeldWork held;
  std::atomic<int> done = 0;
  thread.Add(held.Work(), [&](const absl::Status&) { ++done; });
  ASSERT_TRUE(held.HasBegun());
  absl::Status refused;
  for (std::size_t i = 0; i < AnswerThread::kMaxWaiting; ++i) {
    thread.Add([] { return absl::OkStatus(); }, [&](const absl::Status&) { ++done; });
  }
  thread.Add([] { return absl::OkStatus(); },
             [&](const absl::Status& status) { refused = status; });
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  held.GoOn();
  EXPECT_TRUE(Eventually([&] { return done == static_cast<int>(AnswerThread::kMaxWaiting) + 1; }));
}

TEST(AnswerThreadTest, StopWaitsForCurrentWorkAndCancelsTheRest) {
  AnswerThread thread;
  HeldWork held;
  absl::Status first = absl::UnknownError("not done");
  absl::Status second;
  thread.Add(held.Work(), [&](const absl::Status& status) { first = status; });
  ASSERT_TRUE(held.HasBegun());
  thread.Add([] { return absl::OkStatus(); }, [&](const absl::Status& status) { second = status; });
  std::future<void> stopping = std::async(std::launch::async, [&] { thread.Stop(); });
  std::atomic<bool> takes_no_more = false;
  EXPECT_TRUE(Eventually([&] {
    thread.Add([] { return absl::OkStatus(); },
               [&](const absl::Status& status) { takes_no_more = absl::IsUnavailable(status); });
    return takes_no_more.load();
  }));
  held.GoOn();
  stopping.wait();
  EXPECT_EQ(first, absl::OkStatus());
  EXPECT_EQ(second.code(), absl::StatusCode::kUnavailable);
  absl::Status third;
  thread.Add([] { return absl::OkStatus(); }, [&](const absl::Status& status) { third = status; });
  EXPECT_EQ(third.code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace mlp
