#include "benchmarks/service/round.h"

#include <gtest/gtest.h>

namespace mlp {
namespace {

TEST(MedianTest, IsTheMiddleOrTheMeanOfTheTwoInTheMiddle) {
  EXPECT_EQ(Median({}), 0.0);
  EXPECT_EQ(Median({3.0, 1.0, 2.0}), 2.0);
  EXPECT_EQ(Median({4.0, 1.0, 2.0, 3.0}), 2.5);
}

TEST(MedianRoundTest, ComputesTheMedianOfEachFigureSeparately) {
  const Round median =
      MedianRound({{100, 1, 9, 5.0, 2, 3.0}, {300, 3, 7, 6.0, 1, 1.0}, {200, 2, 8, 7.0, 3, 2.0}});
  EXPECT_EQ(median.requests_per_second, 200);
  EXPECT_EQ(median.p50_microseconds, 2);
  EXPECT_EQ(median.p99_microseconds, 8);
  EXPECT_EQ(median.server_cpu_microseconds, 6.0);
  EXPECT_EQ(median.generator_cpu_microseconds, 2);
  EXPECT_EQ(median.mean_batch_rows, 2.0);
}

TEST(MedianRoundTest, OmitsFiguresThatARoundLacks) {
  const Round median = MedianRound({{100, 1, 9, 5.0, 2, 3.0}, {100, 1, 9, {}, 2, 3.0}});
  EXPECT_FALSE(median.server_cpu_microseconds.has_value());
  EXPECT_EQ(median.mean_batch_rows, 3.0);
}

}  // namespace
}  // namespace mlp
