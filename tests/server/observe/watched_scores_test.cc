// The sums that a watch keeps of the scores of a classifier, in each of their forms.

#include "server/observe/row_watch.h"

#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <vector>

namespace mlp {
namespace {

struct ScoreCase {
  ActivationKind activation;
  Tap tap;
  OutputScores scores;
};

// For some forms the watch has vectorised sums. They must give the results of PredictionOf.
TEST(WatchedScoresTest, AgreeWithPredictionOf) {
  constexpr RowWatch::Clock::time_point kBegin{};
  constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
  constexpr float kUnbounded = std::numeric_limits<float>::infinity();
  tbb::task_arena arena(1);
  std::mt19937 random(8);
  std::normal_distribution<float> normal(0.0F, 3.0F);
  for (const ScoreCase& score_case :
       {ScoreCase{ActivationKind::kSoftmax, Tap::kActivation, OutputScores::kProbabilities},
        ScoreCase{ActivationKind::kSoftmax, Tap::kPreActivation, OutputScores::kLogits},
        ScoreCase{ActivationKind::kLogSoftmax, Tap::kActivation, OutputScores::kLogProbabilities},
        ScoreCase{ActivationKind::kSigmoid, Tap::kActivation, OutputScores::kOneProbability}}) {
    const std::int64_t width = score_case.scores == OutputScores::kOneProbability ? 1 : 7;
    Layer layer;
    layer.inputs = 1;
    layer.units = width;
    layer.dense().weights.resize(static_cast<std::size_t>(width));
    layer.dense().bias.resize(static_cast<std::size_t>(width));
    layer.activation.kind = score_case.activation;
    const Evaluator evaluator(
        Network::Create({"x", {1}}, {layer}, {{{"y", {width}}, 0, score_case.tap}}).value(), 0.01,
        arena);
    const auto watch = std::make_shared<RowWatch>(evaluator, ActivityWindow{}, kBegin);
    ASSERT_EQ(watch->form().scores, score_case.scores);
    constexpr std::int64_t kRows = 100;
    std::vector<float> outputs;
    WatchSums expected(0, watch->form());
    double entropy = 0.0;
    for (std::int64_t row = 0; row < kRows; ++row) {
      std::vector<float> values(static_cast<std::size_t>(width));
      double sum = 0.0;
      for (float& value : values) sum += std::exp(value = normal(random));
      for (float& value : values) {
        if (score_case.scores == OutputScores::kProbabilities) {
          value = static_cast<float>(std::exp(value) / sum);
        } else if (score_case.scores == OutputScores::kOneProbability) {
          value = 1.0F / (1.0F + std::exp(-value));
        }
      }
      if (row % 10 == 3) values.back() = kMissing;
      if (row % 10 == 5) values.front() = kUnbounded;
      if (row % 10 == 7) values.assign(values.size(), 0.0F);
      if (row % 10 == 9) values.back() = -kUnbounded;
      outputs.insert(outputs.end(), values.begin(), values.end());
      const auto prediction = PredictionOf(watch->form(), values);
      if (!prediction.has_value()) continue;
      ++expected.predicted_rows;
      ++expected.predicted[static_cast<std::size_t>(prediction->predicted)];
      expected.confidence += prediction->confidence;
      entropy += prediction->entropy;
    }
    ThreadWatch thread(watch);
    const std::vector<float> inputs(kRows);
    thread.Look(kRows, {inputs.data()}, outputs.data());
    thread.AddUp(kBegin);
    const WatchSummary summary = watch->Read();
    const int name = static_cast<int>(score_case.scores);
    EXPECT_LT(expected.predicted_rows, kRows) << name;
    EXPECT_EQ(summary.sums.predicted_rows, expected.predicted_rows) << name;
    EXPECT_EQ(summary.sums.predicted, expected.predicted) << name;
    EXPECT_NEAR(summary.sums.confidence, expected.confidence, 1e-4) << name;
    EXPECT_NEAR(summary.entropy.histogram.sample_sum, entropy, 1e-3) << name;
  }
}

}  // namespace
}  // namespace mlp
