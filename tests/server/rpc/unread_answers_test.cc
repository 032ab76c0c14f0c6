#include "server/rpc/unread_answers.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

class UnreadControlAnswersTest : public ::testing::Test {
 protected:
  std::optional<UnreadAnswers::Place> Send(const std::string& connection, std::int64_t bytes) {
    return answers_.Add({connection, bytes, now_, [this] { ++cancelled_; }});
  }

  // Sends as many answers as the connection may have and returns their number.
  int SendAll(const std::string& connection) {
    int sent = 0;
    while (Send(connection, 1).has_value()) ++sent;
    return sent;
  }

  UnreadAnswers answers_;
  UnreadAnswers::Clock::time_point now_;
  int cancelled_ = 0;
};

TEST_F(UnreadControlAnswersTest, LeavesRoomForOtherConnections) {
  const int greedy = SendAll("greedy");
  EXPECT_NEAR(greedy, UnreadAnswers::kMaxBytes / 4 / UnreadAnswers::kBytesPerCall, 2);
  EXPECT_GT(SendAll("other"), greedy / 2);
}

TEST_F(UnreadControlAnswersTest, AlwaysHasRoomForASmallAnswerToAConnectionWithNone) {
  for (int i = 0; i < 2000; ++i) ASSERT_GT(SendAll(absl::StrCat(i)), 0) << i;
  const auto place = Send("newcomer", 10'000);
  ASSERT_TRUE(place.has_value());
  EXPECT_FALSE(Send("newcomer", 10'000).has_value());
  answers_.Remove(*place);
  EXPECT_TRUE(Send("newcomer", 10'000).has_value());
}

TEST_F(UnreadControlAnswersTest, TakesTheOnlyAnswerOfAnySize) {
  const auto place = Send("a", 2 * UnreadAnswers::kMaxBytes);
  ASSERT_TRUE(place.has_value());
  EXPECT_FALSE(Send("b", UnreadAnswers::kMaxBytes / 2).has_value());
  EXPECT_TRUE(Send("b", 1).has_value());
  answers_.Remove(*place);
  EXPECT_TRUE(Send("c", UnreadAnswers::kMaxBytes / 4).has_value());
}

TEST_F(UnreadControlAnswersTest, CancelsOldAnswersOnce) {
  const auto old = Send("a", 1);
  now_ += std::chrono::seconds(1);
  Send("b", 1);
  answers_.CancelIfSentBefore(UnreadAnswers::Clock::time_point());
  EXPECT_EQ(cancelled_, 0);
  answers_.CancelIfSentBefore(now_);
  answers_.CancelIfSentBefore(now_);
  EXPECT_EQ(cancelled_, 1);
  answers_.Remove(*old);
  EXPECT_FALSE(answers_.empty());
  answers_.CancelIfSentBefore(now_ + std::chrono::seconds(1));
  EXPECT_EQ(cancelled_, 2);
}

}  // namespace
}  // namespace mlp
