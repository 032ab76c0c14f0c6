#include "benchmarks/service/row_cost.h"

#include <gtest/gtest.h>

namespace mlp {
namespace {

TEST(RowShareTest, IsThatOfABatchOfAWholeNumberOfRows) {
  EXPECT_DOUBLE_EQ(RowShare(1.0, 10.0, 18.0), 10.0);
  EXPECT_DOUBLE_EQ(RowShare(4.0, 40.0, 44.0), 10.0);
}

TEST(RowShareTest, LiesOnTheLineBetweenTheBatchesBelowAndAbove) {
  // A batch of 2.5 rows takes 15.
  EXPECT_DOUBLE_EQ(RowShare(2.5, 10.0, 20.0), 6.0);
}

}  // namespace
}  // namespace mlp
