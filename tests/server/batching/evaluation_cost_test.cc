#include "server/batching/evaluation_cost.h"

#include <gtest/gtest.h>

namespace mlp {
namespace {

using Seconds = EvaluationCost::Seconds;

TEST(EvaluationCostTest, BeginsWithAGuess) {
  const EvaluationCost small(4'000);
  EXPECT_EQ(small.RowsOfABatch(4096), 4096);
  const EvaluationCost large(38'000'000);
  EXPECT_EQ(large.RowsOfABatch(4096), EvaluationCost::kFewestRows);
  EXPECT_EQ(large.RowsOfABatch(4), 4);
  EXPECT_EQ(large.least_per_row().count(), 0) << "nothing is refused by a guess";
}

TEST(EvaluationCostTest, LearnsFromTheBatches) {
  EvaluationCost cost(1'000);
  for (int i = 0; i < 100; ++i) cost.Observe(10, Seconds(0.0004));
  EXPECT_NEAR(cost.per_row().count(), 40e-6, 1e-9);
  EXPECT_NEAR(cost.least_per_row().count(), 40e-6, 1e-9);
  EXPECT_EQ(cost.batch(), Seconds(0.0004));
  EXPECT_NEAR(static_cast<double>(cost.RowsOfABatch(4096)), 50, 1);
}

TEST(EvaluationCostTest, TheMinimumFallsImmediatelyAndRecoversSlowly) {
  EvaluationCost cost(1'000);
  cost.Observe(1, Seconds(0.01));
  cost.Observe(1, Seconds(0.001));
  EXPECT_NEAR(cost.least_per_row().count(), 0.001, 1e-9);
  cost.Observe(1, Seconds(0.01));
  EXPECT_NEAR(cost.least_per_row().count(), 0.00101, 1e-9);
  for (int i = 0; i < 1000; ++i) cost.Observe(1, Seconds(0.01));
  EXPECT_NEAR(cost.least_per_row().count(), 0.01, 1e-9);
}

// The system interrupted this batch for as long as hundreds of rows take.
TEST(EvaluationCostTest, AnInterruptedBatchOfOneRowMakesTheOthersNoSlower) {
  constexpr EvaluationCost::Seconds kRow{0.000'050};
  EvaluationCost cost(1'000);
  for (int batch = 0; batch < 100; ++batch) cost.Observe(18, 18 * kRow);
  cost.Observe(1, EvaluationCost::Seconds(0.020));
  EXPECT_LT(cost.per_row() / kRow, 5);
  for (int batch = 0; batch < 100; ++batch) cost.Observe(18, 18 * kRow);
  EXPECT_NEAR(cost.per_row() / kRow, 1, 0.01);
}

}  // namespace
}  // namespace mlp
