#include "model/drift/row_census.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/model/drift/generated_network.h"

namespace mlp {
namespace {

TEST(RowCensusTest, CountsDistinctRowsUpToABound) {
  const Network network = GeneratedClassifier().evaluator.network();
  RowCensus census(network, 100);
  std::vector<float> rows = RowGenerator(5).Rows(1000, 12);
  const std::vector<float> answers(1000, 1.0F);
  const float* const inputs[] = {rows.data()};
  census.Add(60, inputs, answers.data(), 1);
  census.Add(60, inputs, answers.data(), 1);
  EXPECT_EQ(census.distinct_rows(), 60);
  census.Add(1000, inputs, answers.data(), 1);
  EXPECT_EQ(census.distinct_rows(), 100);
  EXPECT_EQ(census.rows(), 1120);
  EXPECT_EQ(census.answered_rows(), 1120);
}

}  // namespace
}  // namespace mlp
