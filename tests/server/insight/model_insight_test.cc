// Real windows of a served network, compared with its own baseline.

#include "server/insight/model_insight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include <chrono>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/drift/accepted_windows.h"
#include "model/drift/calibration.h"
#include "server/observe/metrics.h"
#include "tests/server/small_network.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct RunCase {
  std::vector<double> ratios;
  std::int64_t alarms;
  bool alarmed;
};

TEST(TargetDriftTest, CountsARunOfWindowsOnceAtItsSecond) {
  for (const RunCase& one : {RunCase{{0.5, 1.0}, 0, false},
                             {{1.1}, 0, false},
                             {{1.1, 0.9, 1.1}, 0, false},
                             {{1.1, 1.2}, 1, true},
                             {{2, 2, 2, 2}, 1, true},
                             {{2, 2, 0.5, 2, 2, 2}, 2, true},
                             {{2, 2, 0.5}, 1, false},
                             // A window that cannot be judged.
                             {{2, 2, kUnknown}, 1, true},
                             {{2, kUnknown, 2}, 1, true},
                             {{2, kUnknown, 0.5, 2}, 0, false}}) {
    TargetDrift drift;
    std::int64_t alarms = 0;
    for (const double ratio : one.ratios) {
      Judgement judgement;
      judgement.ratio = ratio;
      alarms += drift.Add(judgement, {}) ? 1 : 0;
    }
    EXPECT_EQ(drift.alarms, one.alarms) << ::testing::PrintToString(one.ratios);
    EXPECT_EQ(alarms, one.alarms);
    EXPECT_EQ(drift.alarmed(), one.alarmed) << ::testing::PrintToString(one.ratios);
  }
}

class ModelInsightTest : public ::testing::Test {
 protected:
  static constexpr std::int64_t kWindow = 1000;

  std::vector<float> Draw(std::int64_t rows, float shift) {
    std::normal_distribution<float> normal(shift, 1.0F);
    std::vector<float> drawn;
    for (std::int64_t i = 0; i < 2 * rows; ++i) drawn.push_back(normal(random_));
    return drawn;
  }

  void Calibrated() {
    const std::vector<float> rows = Draw(5000, 0);
    const float* const input = rows.data();
    auto made = Calibrate(evaluator_, 5000, {&input, 1}, {});
    ASSERT_TRUE(made.ok()) << made.status();
    in_force_->Set(std::make_shared<const Baseline>(std::move(made->baseline)));
  }

  // Counts a window of rows, or `all`, as a serving thread does. Of every `every_nan` rows, one has
  // a missing value.
  void Serve(float shift, int every_nan = 0, std::int64_t all = kWindow) {
    ThreadCounts counts(instruments_.sums, evaluator_.network());
    Evaluator::Workspace workspace = evaluator_.MakeWorkspace();
    for (std::int64_t rows = 0; rows < all; rows += 50) {
      std::vector<float> drawn = Draw(50, shift);
      for (std::size_t row = 0; every_nan > 0 && row < 50;
           row += static_cast<std::size_t>(every_nan)) {
        drawn[2 * row] = std::numeric_limits<float>::quiet_NaN();
      }
      std::vector<float> sums(50);
      std::vector<float> answers(50);
      float* const outputs[] = {sums.data(), answers.data()};
      const float* const input = drawn.data();
      ThreadCounts::Batch batch(counts);
      evaluator_.Evaluate(50, {&input, 1}, outputs, workspace, batch.activity());
      // A new ThreadWatch always looks at its first batch. For a network as small as this it would
      // hardly look at others.
      ThreadWatch watch(instruments_.watch);
      watch.Look(50, {&input, 1}, outputs[watch.output()]);
      watch.AddUp(ModelSums::Clock::now());
      batch.Count(50, {}, {.count = 1}, std::chrono::system_clock::now());
      batch.End(ModelSums::Clock::now());
    }
  }

  std::vector<std::string> Judge() {
    std::vector<std::string> judged;
    instruments_.sums->AddUp(ModelSums::Clock::now());
    insight_.Judge(evaluator_.network(), *instruments_.activity, *instruments_.watch,
                   ModelSums::Clock::now(), [&](const TargetDrift& drift, bool alarm) {
                     judged.push_back(absl::StrCat(drift.layer, drift.ratio > 1 ? " drifts" : "",
                                                   alarm ? ", alarm" : ""));
                   });
    return judged;
  }

  std::mt19937 random_{3};
  tbb::task_arena arena_{1};
  Evaluator evaluator_{SmallNetwork(ActivationKind::kTanh), 0.01, arena_};
  Metrics metrics_{0.01, ActivityWindow{kWindow}};
  const ModelInstruments instruments_ = metrics_.AddModel("m", "1", evaluator_);
  const std::shared_ptr<BaselineInForce> in_force_ = std::make_shared<BaselineInForce>();
  ModelInsight insight_{in_force_};
};

TEST_F(ModelInsightTest, JudgesNothingWithoutABaseline) {
  EXPECT_THAT(Judge(), IsEmpty());
  Serve(0);
  EXPECT_THAT(Judge(), IsEmpty());
  EXPECT_THAT(insight_.Drift(), IsEmpty());
  EXPECT_EQ(insight_.Accept().status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ModelInsightTest, JudgesEachWindowOfEachTarget) {
  Calibrated();
  EXPECT_THAT(Judge(), IsEmpty());
  Serve(0);
  EXPECT_THAT(Judge(), ElementsAre("inputs", "outputs", "hidden_1"));
  EXPECT_THAT(Judge(), IsEmpty());
  EXPECT_THAT(insight_.first_inputs(), IsEmpty());
  Serve(1);
  EXPECT_THAT(Judge(), ElementsAre("inputs drifts", "outputs drifts", "hidden_1 drifts"));
  Serve(1);
  EXPECT_THAT(Judge(), ElementsAre("inputs drifts, alarm", "outputs drifts, alarm",
                                   "hidden_1 drifts, alarm"));
  Serve(1);
  EXPECT_THAT(Judge(), ElementsAre("inputs drifts", "outputs drifts", "hidden_1 drifts"));
  ASSERT_EQ(insight_.moved_inputs().most.size(), 2U);
  EXPECT_NEAR(insight_.moved_inputs().most[0].deviations, 1.0, 0.2);
  EXPECT_EQ(insight_.first_inputs().size(), 2U);
  Serve(0);
  Judge();
  EXPECT_THAT(insight_.first_inputs(), IsEmpty());
}

TEST_F(ModelInsightTest, BeginsAgainWithAnotherBaseline) {
  Calibrated();
  Judge();
  Serve(1);
  Judge();
  EXPECT_GT(insight_.Drift()[0].rows, 0);
  Calibrated();
  Judge();
  EXPECT_EQ(insight_.Drift()[0].rows, 0);
}

TEST_F(ModelInsightTest, AcceptsWindowsAsTheyAre) {
  Calibrated();
  Judge();
  // Traffic whose mean moves from window to window, as in a daily cycle.
  for (int window = 0; window < kMinAcceptedWindows; ++window) {
    if (window == kMinAcceptedWindows - 1) {
      const auto few = insight_.Accept();
      EXPECT_EQ(few.status().code(), absl::StatusCode::kFailedPrecondition);
      EXPECT_THAT(std::string(few.status().message()),
                  ::testing::HasSubstr("expected at least 50"));
    }
    Serve(window % 2 == 0 ? 0.3F : -0.3F);
    Judge();
  }
  EXPECT_GT(insight_.Drift()[0].ratio, 1);
  const auto accepted = insight_.Accept();
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->old_baseline, in_force_->Get());
  in_force_->Set(accepted->baseline);
  Serve(0.3F);
  EXPECT_THAT(Judge(), ElementsAre("inputs", "outputs", "hidden_1"));
}

TEST_F(ModelInsightTest, JudgesOnlyFiniteRows) {
  Calibrated();
  Judge();
  Serve(1, /*every_nan=*/3);
  Judge();
  const std::vector<TargetDrift> third = insight_.Drift();
  Serve(1);
  Judge();
  const std::vector<TargetDrift> none = insight_.Drift();
  // Only two thirds of the rows are judged.
  EXPECT_THAT(third[1].ratio / none[1].ratio,
              ::testing::AllOf(::testing::Gt(0.5), ::testing::Lt(0.8)));
  EXPECT_TRUE(none[1].alarmed());
  Serve(0, /*every_nan=*/1);
  Judge();
  EXPECT_THAT(insight_.Drift()[1].ratio, ::testing::IsNan());
  EXPECT_TRUE(insight_.Drift()[1].alarmed());
}

TEST_F(ModelInsightTest, AcceptsNoWindowsOfAnotherBaseline) {
  Calibrated();
  Judge();
  for (int window = 0; window < kMinAcceptedWindows; ++window) {
    Serve(0);
    Judge();
  }
  const auto of_this = insight_.Accept();
  ASSERT_TRUE(of_this.ok()) << of_this.status();
  Calibrated();  // the baseline has not been looked at yet
  const auto accepted = insight_.Accept();
  EXPECT_EQ(accepted.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(accepted.status().message()),
              ::testing::HasSubstr("another baseline has just come into force"));
}

TEST_F(ModelInsightTest, BeginsHiddenLayersAgainWithAnotherBaseline) {
  Calibrated();
  Judge();
  Serve(1, 0, kWindow / 2);
  Calibrated();
  Judge();
  Serve(0);
  Judge();
  EXPECT_EQ(insight_.Drift()[1].layer, "hidden_1");
  EXPECT_EQ(insight_.Drift()[1].rows, kWindow);
  EXPECT_LT(insight_.Drift()[1].ratio, 1);
}

TEST(BaselineInForceTest, RestoresTheBaselineNextToTheModel) {
  const auto beside = std::make_shared<const Baseline>();
  const auto other = std::make_shared<const Baseline>();
  BaselineInForce in_force(beside);
  EXPECT_FALSE(in_force.Restore());
  in_force.Set(other);
  EXPECT_FALSE(in_force.Replace(beside, beside));
  EXPECT_EQ(in_force.Get(), other);
  EXPECT_TRUE(in_force.Restore());
  EXPECT_EQ(in_force.Get(), beside);

  BaselineInForce refused(nullptr, "it is of another model");
  EXPECT_EQ(refused.refused(), "it is of another model");
  EXPECT_TRUE(refused.Replace(nullptr, other));
  EXPECT_EQ(refused.refused(), "");
  EXPECT_FALSE(refused.Restore());
}

}  // namespace
}  // namespace mlp
