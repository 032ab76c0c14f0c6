#include "server/rpc/call_coroutine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CallCoroutineTest : public ::testing::Test {
 protected:
  // Lives in a coroutine's frame and logs when the frame is destroyed.
  struct InFrame {
    explicit InFrame(CallCoroutineTest& its_test) : test(its_test) {}
    ~InFrame() { test.log_.emplace_back("gone"); }
    CallCoroutineTest& test;
  };

  CallCoroutine Serve() {
    const InFrame in_frame(*this);
    log_.emplace_back("begun");
    tag_.Begin();
    while (co_await tag_) {
      log_.emplace_back("completed");
      co_await wakeup_.Until([this] { return go_on_; });
      log_.emplace_back("went on");
      tag_.Begin();
    }
  }

  // Waits for something else before it awaits its tag.
  CallCoroutine AwaitLate() {
    tag_.Begin();
    co_await wakeup_.Until([this] { return go_on_; });
    const bool ok = co_await tag_;
    log_.emplace_back(ok ? "ok" : "failed");
  }

  // Waits for `tag` and then forever.
  CallCoroutine Wait(CompletionTag& tag) {
    const InFrame in_frame(*this);
    tag.Begin();
    co_await tag;
  }

  std::vector<std::string> log_;
  bool go_on_ = false;
  Wakeup wakeup_;
  CompletionTag tag_{wakeup_};
};

TEST_F(CallCoroutineTest, BeginsOnlyOnceItIsStarted) {
  { const CallCoroutine coroutine = Serve(); }
  EXPECT_THAT(log_, IsEmpty());
  CallFrames frames;
  EXPECT_TRUE(frames.Start(Serve()));
  EXPECT_THAT(log_, ElementsAre("begun"));
}

TEST_F(CallCoroutineTest, ResumesWhenATagCompletesAndEndsByItself) {
  CallFrames frames;
  frames.StartFirst(Serve());
  EXPECT_TRUE(tag_.pending());
  go_on_ = true;
  tag_.Complete(true);
  EXPECT_THAT(log_, ElementsAre("begun", "completed", "went on"));
  tag_.Complete(false);
  EXPECT_THAT(log_, ElementsAre("begun", "completed", "went on", "gone"));
}

TEST_F(CallCoroutineTest, ResumesOnlyIfItsConditionHolds) {
  CallFrames frames;
  frames.StartFirst(Serve());
  wakeup_.Notify();
  EXPECT_THAT(log_, ElementsAre("begun"));
  tag_.Complete(true);
  wakeup_.Notify();
  EXPECT_THAT(log_, ElementsAre("begun", "completed"));
  go_on_ = true;
  wakeup_.Notify();
  EXPECT_THAT(log_, ElementsAre("begun", "completed", "went on"));
}

TEST_F(CallCoroutineTest, AwaitsATagThatWasCompletedBefore) {
  CallFrames frames;
  frames.StartFirst(AwaitLate());
  tag_.Complete(true);
  EXPECT_THAT(log_, IsEmpty());
  go_on_ = true;
  wakeup_.Notify();
  EXPECT_THAT(log_, ElementsAre("ok"));
}

TEST_F(CallCoroutineTest, WaitingCoroutinesAreDestroyedWithTheirOwner) {
  Wakeup other_wakeup;
  CompletionTag other_tag(other_wakeup);
  {
    CallFrames frames;
    frames.StartFirst(Wait(tag_));
    frames.StartFirst(Wait(other_tag));
    EXPECT_THAT(log_, IsEmpty());
  }
  EXPECT_THAT(log_, ElementsAre("gone", "gone"));
}

}  // namespace
}  // namespace mlp
