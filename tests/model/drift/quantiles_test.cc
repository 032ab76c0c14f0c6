#include "model/drift/quantiles.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <string>

namespace mlp {
namespace {

// Compares with SciPy's quantiles (tests/fixtures/make_drift_fixtures.py), for fractional, large
// and very large degrees of freedom.
TEST(QuantilesTest, OfChiSquareMatchTheTable) {
  std::ifstream table(MLP_SOURCE_DIR "/tests/fixtures/drift/quantiles.csv");
  std::string line;
  int lines = 0;
  while (std::getline(table, line)) {
    double degrees = 0.0;
    double probability = 0.0;
    double expected = 0.0;
    ASSERT_EQ(std::sscanf(line.c_str(), "%lf,%lf,%lf", &degrees, &probability, &expected), 3);
    EXPECT_NEAR(ChiSquareQuantile(degrees, probability), expected, 1e-9 * expected) << line;
    ++lines;
  }
  EXPECT_EQ(lines, 70);
}

TEST(QuantilesTest, OfGammaAreScaledQuantilesOfChiSquare) {
  // The exponential distribution: -ln(1 - probability).
  EXPECT_NEAR(GammaQuantile(1.0, 3.0, 0.999), 3.0 * 6.907755278982137, 1e-9);
}

}  // namespace
}  // namespace mlp
