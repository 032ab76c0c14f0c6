#include "server/rpc/answer_gate.h"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace mlp {
namespace {

class AnswerGateTest : public ::testing::Test {
 protected:
  Insight::Done Through() {
    return gate_->Through([this](const absl::StatusOr<VersionBaseline>& baseline) {
      answers_.push_back(baseline.status().code());
    });
  }

  std::optional<AnswerGate> gate_{std::in_place};
  std::vector<absl::StatusCode> answers_;
};

TEST_F(AnswerGateTest, LetsEachAnswerThroughOnce) {
  const Insight::Done first = Through();
  const Insight::Done second = Through();
  second(absl::NotFoundError("none"));
  first(VersionBaseline());
  second(VersionBaseline());
  gate_->Close();
  EXPECT_EQ(answers_, (std::vector{absl::StatusCode::kNotFound, absl::StatusCode::kOk}));
}

TEST_F(AnswerGateTest, AnswersWaitingRequestsWhenItCloses) {
  const Insight::Done before = Through();
  gate_->Close();
  EXPECT_EQ(answers_, std::vector{absl::StatusCode::kUnavailable});
  before(VersionBaseline());
  EXPECT_EQ(answers_.size(), 1U);
  const Insight::Done after = Through();
  EXPECT_EQ(answers_.size(), 2U);
  after(VersionBaseline());
  EXPECT_EQ(answers_.size(), 2U);
  // The callbacks may outlive the gate.
  gate_.reset();
  before(VersionBaseline());
  EXPECT_EQ(answers_.size(), 2U);
}

TEST_F(AnswerGateTest, ForgetsAbandonedAnswers) {
  { const Insight::Done given_up = Through(); }
  gate_->Close();
  EXPECT_TRUE(answers_.empty());
}

}  // namespace
}  // namespace mlp
