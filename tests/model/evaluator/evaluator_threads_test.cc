// An evaluator takes no more threads than it may, and their number changes neither answers nor
// counts.

#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_scheduler_observer.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "model/evaluator/evaluator.h"
#include "model/network.h"
#include "tests/model/evaluator/normal_values.h"

namespace mlp {
namespace {

// One layer of `width` inputs and units.
Network TanhNetwork(std::int64_t width, float bias, std::mt19937& random) {
  Layer layer;
  layer.inputs = layer.units = width;
  layer.dense().weights = NormalValues(width * width, random);
  layer.dense().bias.assign(static_cast<std::size_t>(width), bias);
  layer.activation.kind = ActivationKind::kTanh;
  return Network::Create({"x", {width}}, {layer}, {{{"y", {width}}, 0, Tap::kActivation}}).value();
}

// Counts the threads that enter an arena, the caller's included.
class ArrivalCounter final : public tbb::task_scheduler_observer {
 public:
  explicit ArrivalCounter(tbb::task_arena& arena) : tbb::task_scheduler_observer(arena) {
    observe(true);
  }
  ~ArrivalCounter() override { observe(false); }
  void on_scheduler_entry(bool /*is_worker*/) override { ++arrivals_; }
  int arrivals() const { return arrivals_; }

 private:
  std::atomic<int> arrivals_ = 0;
};

TEST(MostThreadsTest, UsesNoFurtherThreadsAndChangesNoBit) {
  constexpr std::int64_t kRows = 200;
  constexpr std::int64_t kWidth = 128;
  std::mt19937 random(7);
  const Network network = TanhNetwork(kWidth, /*bias=*/0.5F, random);
  const std::vector<float> inputs = NormalValues(kRows * kWidth, random);

  tbb::task_arena arena(4);
  const Evaluator evaluator(network, /*saturation_epsilon=*/0.01, arena);
  EXPECT_EQ(evaluator.threads(), 4);
  Evaluator::Workspace workspace = evaluator.MakeWorkspace();
  const ArrivalCounter counter(arena);
  const auto evaluate = [&](int most_threads) {
    NetworkActivity activity = MakeNetworkActivity(evaluator.network());
    std::vector<float> y(static_cast<std::size_t>(kRows * kWidth));
    float* const outputs[] = {y.data()};
    evaluator.Evaluate(kRows, absl::MakeConstSpan({inputs.data()}), outputs, workspace, activity,
                       most_threads);
    return y;
  };
  const std::vector<float> alone = evaluate(1);
  EXPECT_EQ(counter.arrivals(), 0);
  EXPECT_EQ(evaluate(2), alone);
  EXPECT_GT(counter.arrivals(), 0);
  EXPECT_EQ(evaluate(Evaluator::kAllThreads), alone);
}

// Counts that few rows left unsettled must still be there when the threads' counts are added.
TEST(SplitTest, CountsFewRowsBetweenBatchesThatAreSplit) {
  constexpr std::int64_t kWidth = 256;
  constexpr std::int64_t kMax = 200;
  std::mt19937 random(11);
  const Network network = TanhNetwork(kWidth, /*bias=*/0.0F, random);
  const std::vector<float> inputs = NormalValues(kMax * kWidth, random);

  tbb::task_arena arena(4);
  const Evaluator evaluator(network, /*saturation_epsilon=*/0.01, arena);
  Evaluator::Workspace workspace = evaluator.MakeWorkspace();
  const auto count = [&](int most_threads) {
    NetworkActivity activity = MakeNetworkActivity(evaluator.network());
    std::vector<float> y(static_cast<std::size_t>(kMax * kWidth));
    float* const outputs[] = {y.data()};
    // Some of these batches are split by rows, others by units.
    for (const std::int64_t rows : {std::int64_t{3}, kMax, std::int64_t{5}, std::int64_t{60}}) {
      evaluator.Evaluate(rows, absl::MakeConstSpan({inputs.data()}), outputs, workspace, activity,
                         most_threads);
    }
    SettleNetworkActivity(activity);
    return activity.front();
  };
  const LayerActivity alone = count(1);
  const LayerActivity split = count(4);
  EXPECT_EQ(split.rows, 3 + kMax + 5 + 60);
  EXPECT_EQ(split.unit_lower_tail, alone.unit_lower_tail);
  EXPECT_EQ(split.unit_upper_tail, alone.unit_upper_tail);
  EXPECT_GT(split.UpperTail(), 0);
  EXPECT_EQ(split.unit_negative, alone.unit_negative);
  EXPECT_NEAR(split.Sum(), alone.Sum(), 1e-6 * static_cast<double>(split.rows * kWidth));
  EXPECT_NEAR(split.SumOfSlopes(), alone.SumOfSlopes(), 1e-6 * alone.SumOfSlopes());
}

}  // namespace
}  // namespace mlp
