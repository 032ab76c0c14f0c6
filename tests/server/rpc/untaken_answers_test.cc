#include "server/rpc/untaken_answers.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mlp {
namespace {

class UntakenAnswersTest : public ::testing::Test {
 protected:
  UntakenAnswers::Place Send(const std::string& connection, std::size_t bytes) {
    return answers_.Add({connection, bytes, now_, [this] { ++cancelled_; }});
  }

  UntakenAnswers answers_;
  UntakenAnswers::Clock::time_point now_;
  int cancelled_ = 0;
};

TEST_F(UntakenAnswersTest, BoundsThoseOfAConnection) {
  std::vector<UntakenAnswers::Place> places;
  for (std::size_t i = 0; i < UntakenAnswers::kMostOfAConnection; ++i) {
    ASSERT_TRUE(answers_.HasRoom("a", 1));
    places.push_back(Send("a", 1));
  }
  EXPECT_FALSE(answers_.HasRoom("a", 1));
  EXPECT_TRUE(answers_.HasRoom("b", 1));
  answers_.Remove(places.back());
  EXPECT_TRUE(answers_.HasRoom("a", 1));
}

TEST_F(UntakenAnswersTest, BoundsTheBytesOfAllButOfOneThatIsAlone) {
  EXPECT_TRUE(answers_.HasRoom("a", 2 * UntakenAnswers::kMostBytes));
  const UntakenAnswers::Place place = Send("a", 2 * UntakenAnswers::kMostBytes);
  EXPECT_FALSE(answers_.HasRoom("b", 1));
  answers_.Remove(place);
  EXPECT_TRUE(answers_.HasRoom("b", 1));
}

TEST_F(UntakenAnswersTest, CancelsWhatIsOldOnce) {
  const UntakenAnswers::Place old = Send("a", 1);
  now_ += UntakenAnswers::kPatience;
  Send("b", 1);
  answers_.CancelOld(now_);
  EXPECT_EQ(cancelled_, 0);
  now_ += std::chrono::milliseconds(1);
  answers_.CancelOld(now_);
  answers_.CancelOld(now_);
  EXPECT_EQ(cancelled_, 1);
  answers_.Remove(old);
  now_ += UntakenAnswers::kPatience;
  answers_.CancelOld(now_);
  EXPECT_EQ(cancelled_, 2);
}

}  // namespace
}  // namespace mlp
