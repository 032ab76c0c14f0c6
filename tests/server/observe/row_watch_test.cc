#include "server/observe/row_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "tests/server/small_network.h"

namespace mlp {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::Pointwise;

using Clock = RowWatch::Clock;

constexpr Clock::time_point kStart{};
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinite = std::numeric_limits<float>::infinity();

// Two inputs, and three classes or as many units as `units`.
Network Classifier(std::int64_t units = 3) {
  Layer layer;
  layer.inputs = 2;
  layer.units = units;
  layer.dense().weights.resize(static_cast<std::size_t>(2 * units), 1.0F);
  layer.dense().bias.resize(static_cast<std::size_t>(units), 0.0F);
  layer.activation.kind = ActivationKind::kSoftmax;
  return Network::Create({"x", {2}}, {layer}, {{{"y", {units}}, 0, Tap::kActivation}}).value();
}

// Inputs around 0 with the scale 1 and around 10 with the scale 2, each within two scales.
std::shared_ptr<const WatchReference> Reference(std::vector<double> shares = {}) {
  Baseline baseline;
  baseline.inputs = {{0.0F, 10.0F}, {1.0F, 2.0F}, {-2.0F, 6.0F}, {2.0F, 14.0F}};
  baseline.values = {{5.0F}, {0.5F}, {0.0F}, {10.0F}};
  baseline.classes.share = std::move(shares);
  return std::make_shared<const WatchReference>(baseline);
}

// A watch, and a thread that looks at single batches. A thread always looks at its first batch.
class RowWatchTest : public ::testing::Test {
 protected:
  explicit RowWatchTest(Network network = Classifier())
      : evaluator_(std::move(network), 0.01, arena_) {}

  void Look(const std::vector<float>& inputs, const std::vector<float>& outputs) {
    ThreadWatch thread(watch_);
    LookBy(thread, inputs, outputs);
    thread.AddUp(kStart);
  }
  static void LookBy(ThreadWatch& thread, const std::vector<float>& inputs,
                     const std::vector<float>& outputs) {
    thread.Look(static_cast<std::int64_t>(inputs.size() / 2), {inputs.data()}, outputs.data());
  }
  WatchSums Sums() const { return watch_->Read().sums; }

  tbb::task_arena arena_{1};
  const Evaluator evaluator_;
  const std::shared_ptr<RowWatch> watch_ =
      std::make_shared<RowWatch>(evaluator_, ActivityWindow{.rows = 1'000}, kStart);
  FinishedWatchWindow window_;
};

struct FaultyRows {
  std::vector<float> inputs;
  std::int64_t out_of_range;  // counted with the reference
  std::int64_t missing;
  std::int64_t not_finite;
};

TEST_F(RowWatchTest, CountsRowsWithValuesOutOfRangeMissingOrNotFinite) {
  const std::vector<FaultyRows> cases = {{{0, 10, 1, 11}, 0, 0, 0},
                                         {{3, 10, -2, 6}, 1, 0, 0},
                                         {{kNan, 10, kNan, 20}, 1, 2, 0},
                                         {{0, kInfinite, 1, -kInfinite}, 2, 0, 2},
                                         {{kNan, kInfinite, 0, 10}, 1, 1, 1}};
  for (const bool with_reference : {false, true}) {
    if (with_reference) watch_->SetReference(Reference(), kStart);
    for (const FaultyRows& faulty : cases) {
      const WatchSums before = Sums();
      Look(faulty.inputs, {1, 0, 0, 1, 0, 0});
      const WatchSums after = Sums();
      EXPECT_EQ(after.rows - before.rows, 2);
      EXPECT_EQ(after.out_of_range_rows - before.out_of_range_rows,
                with_reference ? faulty.out_of_range : 0)
          << ::testing::PrintToString(faulty.inputs);
      EXPECT_EQ(after.missing_rows - before.missing_rows, faulty.missing);
      EXPECT_EQ(after.not_finite_rows - before.not_finite_rows, faulty.not_finite);
    }
  }
  EXPECT_TRUE(watch_->Read().has_reference);
}

TEST_F(RowWatchTest, CountsPredictedClassesWithConfidenceAndEntropy) {
  Look(std::vector<float>(8), {0.5F, 0.5F, 0, 0, 0, 1, kNan, 0, 0, 0.25F, 0.05F, 0.7F});
  const WatchSummary summary = watch_->Read();
  EXPECT_EQ(summary.sums.rows, 4);
  EXPECT_EQ(summary.sums.predicted_rows, 3);
  EXPECT_THAT(summary.sums.predicted, ElementsAre(1, 0, 2));
  EXPECT_NEAR(summary.sums.confidence, 0.5 + 1.0 + 0.7, 1e-6);
  EXPECT_EQ(summary.confidence.histogram.sample_count, 3U);
  EXPECT_NEAR(summary.confidence.histogram.sample_sum, 2.2, 1e-6);
  EXPECT_EQ(summary.confidence.histogram.bucket[4].cumulative_count, 1U);  // at most 0.5
  EXPECT_EQ(summary.confidence.histogram.bucket[9].cumulative_count, 3U);
  EXPECT_EQ(summary.entropy.histogram.sample_count, 3U);
  EXPECT_EQ(summary.entropy.histogram.bucket[0].cumulative_count, 1U);
  // ln 2 / ln 3 is 0.63.
  EXPECT_EQ(summary.entropy.histogram.bucket[6].cumulative_count, 3U);
}

TEST_F(RowWatchTest, NamesTheClassesThatAreShown) {
  watch_->SetClassNames({"cat", "dog", "bird"});
  EXPECT_EQ(watch_->ShownClasses().back().name, "bird");
  EXPECT_EQ(watch_->Read().classes.front().name, "cat");
}

TEST_F(RowWatchTest, KeepsWindowsOfDeviationsAndClassesForAJudge) {
  watch_->SetReference(Reference(), kStart);
  watch_->SetJudged(true, kStart);
  std::vector<float> inputs;
  std::vector<float> outputs;
  for (int row = 0; row < 500; ++row) {
    inputs.insert(inputs.end(), {0.5F, row % 2 == 0 ? 8.0F : 100.0F});
    outputs.insert(outputs.end(), {0.25F, 0.75F, 0.0F});
  }
  Look(inputs, outputs);
  EXPECT_FALSE(watch_->TakeWindow(kStart, window_));
  inputs.assign(1'000, kNan);
  Look(inputs, outputs);
  ASSERT_TRUE(watch_->TakeWindow(kStart, window_));
  const WatchSums& first = window_.sub_windows[0];
  EXPECT_EQ(first.rows, 500);
  // The deviations are (0.5 - 0) / 1, (8 - 10) / 2, and one clipped to 4.
  EXPECT_THAT(first.inputs, Pointwise(DoubleNear(1e-3), {250.0, 250.0 * (4 - 1)}));
  EXPECT_THAT(first.input_squares, Pointwise(DoubleNear(1e-3), {125.0, 250.0 * (16 + 1)}));
  EXPECT_THAT(first.predicted, ElementsAre(0, 500, 0));
  EXPECT_NEAR(first.confidence, 375.0, 1e-6);
  EXPECT_EQ(window_.sub_windows[1].rows, 500);
  EXPECT_THAT(window_.sub_windows[1].inputs, ElementsAre(0.0, 0.0));
  EXPECT_EQ(window_.sub_windows[1].missing_rows, 500);
  EXPECT_EQ(window_.sub_windows[2].rows, 0);
}

// Rows counted under another reference are only in the totals.
TEST_F(RowWatchTest, RestartsWindowsWithANewReference) {
  watch_->SetJudged(true, kStart);
  const std::vector<float> inputs(1'200, 1.0F);
  const std::vector<float> outputs(1'800, 0.5F);
  ThreadWatch early(watch_);
  LookBy(early, inputs, outputs);
  watch_->SetReference(Reference(), kStart);
  early.AddUp(kStart);
  Look(inputs, outputs);
  EXPECT_FALSE(watch_->TakeWindow(kStart, window_));
  EXPECT_EQ(Sums().rows, 1'200);
  // A thread uses the new reference from its next batch on.
  const std::int64_t most_batches = 2 * watch_->interval().Of(600);
  for (std::int64_t batch = 0; batch < most_batches && Sums().rows == 1'200; ++batch) {
    LookBy(early, inputs, outputs);
    early.AddUp(kStart);
  }
  ASSERT_TRUE(watch_->TakeWindow(kStart, window_));
  EXPECT_EQ(window_.sub_windows[0].rows, 600);
  EXPECT_THAT(window_.sub_windows[1].inputs, ElementsAre(600.0, -4.0 * 600.0));
}

TEST_F(RowWatchTest, LooksAtOneBatchInK) {
  const std::vector<float> inputs(128);
  const std::vector<float> outputs(192, 0.5F);
  const std::int64_t k = watch_->interval().Of(64);
  EXPECT_GT(k, 1);
  ThreadWatch thread(watch_);
  LookBy(thread, inputs, outputs);
  thread.AddUp(kStart);
  EXPECT_EQ(Sums().rows, 64) << "the first one";
  constexpr std::int64_t kExpected = 1'000;
  for (std::int64_t batch = 0; batch < kExpected * k; ++batch) LookBy(thread, inputs, outputs);
  thread.AddUp(kStart);
  EXPECT_NEAR(static_cast<double>(Sums().rows) / 64.0, kExpected, 0.1 * kExpected);
}

// A client may send the rows of one file over and over. Looking at every k-th batch would always
// see the same one.
TEST_F(RowWatchTest, LooksAtAllBatchesOfAPeriodAlike) {
  const std::int64_t k = watch_->interval().Of(64);
  const std::vector<float> outputs(192, 0.5F);
  ThreadWatch thread(watch_);
  watch_->SetReference(Reference(), kStart);
  std::vector<float> within(128, 0.0F);
  for (std::size_t i = 1; i < within.size(); i += 2) within[i] = 10.0F;
  const std::vector<float> beyond(128, 1e6F);
  constexpr std::int64_t kPeriods = 2'000;
  for (std::int64_t batch = 0; batch < kPeriods * k; ++batch) {
    LookBy(thread, batch % k == 0 ? within : beyond, outputs);
  }
  thread.AddUp(kStart);
  const WatchSums sums = Sums();
  const auto inside = static_cast<double>(sums.rows - sums.out_of_range_rows);
  EXPECT_NEAR(inside / static_cast<double>(sums.rows), 1.0 / static_cast<double>(k), 0.05);
}

TEST_F(RowWatchTest, LosesNothingWhileReferencesChange) {
  watch_->SetJudged(true, kStart);
  constexpr int kThreads = 3;
  constexpr int kBatches = 500;
  std::atomic<int> running = kThreads;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int batch = 0; batch < kBatches; ++batch) Look({0, 10, 5, 10}, {1, 0, 0, 1, 0, 0});
      --running;
    });
  }
  while (running > 0) {
    watch_->SetReference(Reference({0.1, 0.2, 0.7}), Clock::now());
    watch_->TakeWindow(Clock::now(), window_);
    const WatchSums sums = Sums();
    EXPECT_EQ(sums.predicted[0], sums.predicted_rows);
    watch_->SetReference(nullptr, Clock::now());
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Sums().rows, kThreads * kBatches * 2);
}

class RegressionWatchTest : public RowWatchTest {
 protected:
  RegressionWatchTest() : RowWatchTest(SmallNetwork()) {}
};

TEST_F(RegressionWatchTest, KeepsDeviationsOfTheOutput) {
  EXPECT_FALSE(watch_->form().is_classifier());
  watch_->SetJudged(true, kStart);
  Look(std::vector<float>(4), {5.5F, 4.0F});  // without a reference there are no deviations to sum
  watch_->SetReference(Reference(), kStart);
  std::vector<float> outputs(1'000, 5.25F);
  outputs[0] = kNan;
  Look(std::vector<float>(2'000), outputs);
  ASSERT_TRUE(watch_->TakeWindow(kStart, window_));
  EXPECT_THAT(window_.sub_windows[0].values, ElementsAre(499.5));
  EXPECT_THAT(window_.sub_windows[0].value_squares, ElementsAre(249.75));
  EXPECT_TRUE(window_.sub_windows[0].predicted.empty());
}

}  // namespace
}  // namespace mlp
