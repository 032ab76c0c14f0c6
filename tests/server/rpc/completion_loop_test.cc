#include "server/rpc/completion_loop.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "tests/eventually.h"

namespace mlp {
namespace {

using Clock = CompletionLoop::Clock;

// A tag, and a coroutine that waits for it and counts.
struct CountedTag {
  CountedTag() { frames.StartFirst(Count()); }

  CallCoroutine Count() {
    tag.Begin();
    completed += co_await tag ? 1 : 0;
  }

  Wakeup wakeup;
  CompletionTag tag{wakeup};
  std::atomic<int> completed = 0;
  CallFrames frames;
};

// Lets `tag` come from the queue immediately. gRPC rounds other times up to milliseconds, and
// leaves them to a thread that the system may delay.
void SetPastAlarm(grpc::Alarm& alarm, grpc::CompletionQueue* queue, CompletionTag& tag) {
  alarm.Set(queue, gpr_inf_past(GPR_CLOCK_MONOTONIC), &tag);
}

// A tag whose coroutine takes as long as an evaluation.
struct LongTag {
  LongTag() { frames.StartFirst(TakeLong()); }

  void Come(grpc::CompletionQueue* queue) { SetPastAlarm(alarm, queue, tag); }

  CallCoroutine TakeLong() {
    tag.Begin();
    co_await tag;
    completed_by = std::this_thread::get_id();
    begun();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    completed = true;
  }

  Wakeup wakeup;
  CompletionTag tag{wakeup};
  grpc::Alarm alarm;
  std::function<void()> begun = [] {};  // called by the coroutine
  std::thread::id completed_by;
  std::atomic<bool> completed = false;
  CallFrames frames;
};

// A tag whose coroutine notes the earliest time from which it may have been waiting.
struct TimedTag {
  explicit TimedTag(const CompletionLoop& loop) { frames.StartFirst(Note(loop)); }

  CallCoroutine Note(const CompletionLoop& loop) {
    tag.Begin();
    co_await tag;
    since = loop.came_since();
    completed = true;
  }

  Wakeup wakeup;
  CompletionTag tag{wakeup};
  Clock::time_point since;
  std::atomic<bool> completed = false;
  CallFrames frames;
};

// How often the calling thread has gone to sleep.
std::int64_t SleepsOfThisThread() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nvcsw;
}

class CompletionLoopTest : public ::testing::Test {
 protected:
  CompletionLoopTest() {
    grpc::ServerBuilder builder;
    loop_.emplace(builder.AddCompletionQueue(),
                  CompletionLoop::Observers{[this] { ++takeovers_; },
                                            [this](Clock::duration turn) {
                                              longest_turn_ = std::max(longest_turn_.load(), turn);
                                            }});
    server_ = builder.BuildAndStart();
  }

  void SetAlarm(CompletionTag& tag) { SetPastAlarm(alarm_, loop_->queue(), tag); }

  std::optional<CompletionLoop> loop_;
  std::unique_ptr<grpc::Server> server_;
  grpc::Alarm alarm_;
  std::atomic<int> calls_ = 0;
  std::atomic<int> takeovers_ = 0;
  std::atomic<Clock::duration> longest_turn_ = Clock::duration::zero();
};

TEST_F(CompletionLoopTest, CompletesTagsAndCallsTheOwnerAtTheRequestedTime) {
  CountedTag counted;
  std::thread own([&] {
    loop_->Run([&] {
      ++calls_;
      return Clock::now() +
             (counted.completed > 0 ? std::chrono::milliseconds(5) : std::chrono::hours(1));
    });
  });
  SetAlarm(counted.tag);
  EXPECT_TRUE(Eventually([&] { return counted.completed == 1 && calls_ >= 4; }));
  server_->Shutdown();
  loop_->Stop();
  own.join();
}

// To the relief thread, an own thread that has not started looks like one that gRPC has kept from
// the beginning.
TEST_F(CompletionLoopTest, RelievesAThreadThatGrpcKeeps) {
  CountedTag counted;
  std::thread relief([&] {
    loop_->Relieve([&] {
      ++calls_;
      return Clock::now() + std::chrono::milliseconds(5);
    });
  });
  EXPECT_TRUE(Eventually([&] { return loop_->relief_rests(); }));
  SetAlarm(counted.tag);
  EXPECT_TRUE(Eventually([&] {
    loop_->WakeReliefIfKept();
    return counted.completed == 1 && calls_ >= 3;
  }));
  EXPECT_EQ(takeovers_, 1);
  server_->Shutdown();
  loop_->Stop();
  loop_->Run([] { return Clock::time_point::max(); });
  relief.join();
}

// Events that arrive while the own thread acts wait for it. The relief thread may take a few if the
// system does not schedule the own thread.
TEST_F(CompletionLoopTest, DoesNotRelieveABusyThread) {
  constexpr int kRounds = 20;
  // Created before the threads, because ThreadSanitizer does not see the order that gRPC
  // guarantees. More than the rounds that count: on a busy machine, the relief thread takes the
  // first event of many, because a thread that waits for the CPU looks like one that gRPC keeps.
  std::vector<std::array<LongTag, 2>> of_rounds(10 * kRounds);
  for (auto& [first, second] : of_rounds) {
    // The second event arrives while a thread acts on the first.
    first.begun = [queue = loop_->queue(), &tag = second] { tag.Come(queue); };
  }
  std::thread own([&] { loop_->Run([] { return Clock::time_point::max(); }); });
  std::thread relief([&] { loop_->Relieve([] { return Clock::time_point::max(); }); });
  int rounds = 0;
  int by_the_own_thread = 0;
  for (auto& [first, second] : of_rounds) {
    first.Come(loop_->queue());
    // Waits for both: if two threads took them, ThreadSanitizer must see what each thread wrote.
    const bool completed =
        Eventually([&a = first, &b = second] { return a.completed && b.completed; });
    EXPECT_TRUE(completed);
    if (!completed) break;
    if (first.completed_by != own.get_id()) continue;
    by_the_own_thread += second.completed_by == own.get_id() ? 1 : 0;
    if (++rounds == kRounds) break;
  }
  EXPECT_EQ(rounds, kRounds);
  EXPECT_GT(by_the_own_thread, kRounds * 3 / 4);
  server_->Shutdown();
  loop_->Stop();
  own.join();
  relief.join();
}

TEST_F(CompletionLoopTest, SleepsWhileIdle) {
  std::int64_t sleeps = 0;
  std::int64_t relief_sleeps = 0;
  std::thread own([&] {
    loop_->Run([] { return Clock::time_point::max(); });
    sleeps = SleepsOfThisThread();
  });
  std::thread relief([&] {
    loop_->Relieve([] { return Clock::time_point::max(); });
    relief_sleeps = SleepsOfThisThread();
  });
  EXPECT_TRUE(Eventually([&] { return loop_->relief_rests(); }));
  // The own thread is not kept, so the relief is not woken. The exception is the first call: what
  // the own thread did before it counts.
  loop_->WakeReliefIfKept();
  EXPECT_TRUE(Eventually([&] { return loop_->relief_rests(); }));
  for (int i = 0; i < 100; ++i) {
    loop_->WakeReliefIfKept();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  // Checked before the end: at the end, either thread may notice it first.
  EXPECT_EQ(takeovers_, 0);
  server_->Shutdown();
  loop_->Stop();
  own.join();
  relief.join();
  // About forty until the relief thread rests. It would be a thousand if it looked every
  // millisecond.
  EXPECT_LT(sleeps + relief_sleeps, 150);
}

TEST_F(CompletionLoopTest, WakesForAnyEvent) {
  CountedTag counted;
  const auto owner = [&] {
    ++calls_;
    return Clock::time_point::max();
  };
  std::thread own([&] { loop_->Run(owner); });
  std::thread relief([&] { loop_->Relieve(owner); });
  EXPECT_TRUE(Eventually([&] { return loop_->relief_rests(); }));
  SetAlarm(counted.tag);
  EXPECT_TRUE(Eventually([&] { return counted.completed == 1; }));
  EXPECT_TRUE(Eventually([&] { return loop_->relief_rests(); }));
  const int calls = calls_;
  loop_->CallOwnerSoon();
  EXPECT_TRUE(Eventually([&] { return calls_ > calls; }));
  EXPECT_TRUE(Eventually([&] { return loop_->relief_rests(); }));
  server_->Shutdown();
  loop_->Stop();
  own.join();
  relief.join();
}

// A request's time in the sockets must count, although the thread does not see it while it
// evaluates.
TEST_F(CompletionLoopTest, TimesAnEventDuringTheOwnersWorkFromTheStartOfThatWork) {
  constexpr std::chrono::milliseconds kActing(30);
  TimedTag timed(*loop_);
  Clock::time_point acting_since;
  bool acted = false;
  std::thread own([&] {
    loop_->Run([&] {
      if (acted) return Clock::time_point::max();
      acted = true;
      acting_since = Clock::now();
      SetAlarm(timed.tag);
      std::this_thread::sleep_for(kActing);
      return Clock::time_point::max();
    });
  });
  EXPECT_TRUE(Eventually([&] { return timed.completed.load(); }));
  server_->Shutdown();
  loop_->Stop();
  own.join();
  EXPECT_LE(timed.since, acting_since);
  EXPECT_GE(longest_turn_.load(), kActing);
}

TEST_F(CompletionLoopTest, TimesAnEventThatEndsAWaitFromItsArrival) {
  // Created before the thread, because ThreadSanitizer does not see the order that gRPC guarantees.
  std::array<std::optional<TimedTag>, 100> tags;
  for (std::optional<TimedTag>& tag : tags) tag.emplace(*loop_);
  std::thread own([&] { loop_->Run([] { return Clock::time_point::max(); }); });
  bool counts_from_then_on = false;
  for (std::optional<TimedTag>& tag : tags) {
    // By now the thread waits, unless the system has delayed it for longer.
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    const Clock::time_point start = Clock::now();
    grpc::Alarm alarm;
    alarm.Set(loop_->queue(), gpr_now(GPR_CLOCK_MONOTONIC), &tag->tag);
    EXPECT_TRUE(Eventually([&] { return tag->completed.load(); }));
    counts_from_then_on = tag->since >= start;
    if (counts_from_then_on) break;
  }
  // The other tags stay pending, and nothing completes them.
  server_->Shutdown();
  loop_->Stop();
  own.join();
  EXPECT_TRUE(counts_from_then_on);
}

TEST_F(CompletionLoopTest, StopsNoMatterWhichThreadNoticesFirst) {
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
