#include "model/output_labels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace mlp {
namespace {

TEST(GreatestOfTest, IsTheFirstOfEqualsAndNeverNan) {
  EXPECT_EQ(GreatestOf(std::vector<float>{1, 3, 3, 2}), 1U);
  EXPECT_EQ(GreatestOf(std::vector<float>{-1}), 0U);
  EXPECT_EQ(GreatestOf(std::vector<float>{1, std::nanf(""), 2}), 2U);
}

TEST(DecisionOfTest, IsOneAboveTheThresholdOnly) {
  NetworkOutput output;
  output.threshold = 0.5F;
  EXPECT_EQ(DecisionOf(output, 0.5F), 0);
  EXPECT_EQ(DecisionOf(output, 0.75F), 1);
  EXPECT_EQ(DecisionOf(output, std::nanf("")), 0);
}

}  // namespace
}  // namespace mlp
