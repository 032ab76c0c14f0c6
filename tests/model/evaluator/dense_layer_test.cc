// The packed product against plain loops in double, for every number of rows that a tile can have.

#include "model/evaluator/dense_layer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace mlp {
namespace {

Layer AnyLayer(std::int64_t inputs, std::int64_t units, std::mt19937& random) {
  std::normal_distribution<float> normal;
  Layer layer;
  layer.inputs = inputs;
  layer.units = units;
  layer.weights.resize(static_cast<std::size_t>(inputs * units));
  layer.bias.resize(static_cast<std::size_t>(units));
  for (float& weight : layer.weights) weight = normal(random);
  for (float& bias : layer.bias) bias = normal(random);
  return layer;
}

class DenseLayerTest : public ::testing::TestWithParam<InstructionSet> {};

TEST_P(DenseLayerTest, IsWithinTheBoundOfRoundedSums) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  const std::int64_t widths[] = {1, 3, 8, 17, 31, 32, 33, 64, 130};
  for (const std::int64_t inputs : widths) {
    for (const std::int64_t units : widths) {
      const Layer layer = AnyLayer(inputs, units, random);
      const DenseLayer dense(layer, BoundsOf(layer, 0.01), GetParam());
      const auto rows = static_cast<std::int64_t>(1 + random() % 30);
      const std::int64_t stride = inputs + static_cast<std::int64_t>(random() % 5);
      std::vector<float> x(static_cast<std::size_t>(rows * stride));
      for (float& value : x) value = normal(random);
      // Behind the last row is what must not be written.
      constexpr float kUntouched = 12345.0F;
      std::vector<float> z(static_cast<std::size_t>(rows * units + 1), kUntouched);
      dense.PreActivations(x.data(), stride, rows, z.data());
      EXPECT_EQ(z.back(), kUntouched);
      for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t unit = 0; unit < units; ++unit) {
          double exact = layer.bias[static_cast<std::size_t>(unit)];
          double magnitude = std::fabs(exact);
          for (std::int64_t i = 0; i < inputs; ++i) {
            const double product =
                static_cast<double>(x[static_cast<std::size_t>(row * stride + i)]) *
                layer.weights[static_cast<std::size_t>(i * units + unit)];
            exact += product;
            magnitude += std::fabs(product);
          }
          // n products that are rounded, n sums that are, and the bias's: each rounding is at most
          // u = 2^-24 of what it rounds, so the error is at most (2 n + 1) u / (1 - (2 n + 1) u) of
          // the terms' magnitudes (Higham, Accuracy and Stability of Numerical Algorithms, 3.1).
          const double roundings = static_cast<double>(2 * inputs + 1) * std::ldexp(1.0, -24);
          const double bound = roundings / (1 - roundings) * magnitude;
          ASSERT_NEAR(z[static_cast<std::size_t>(row * units + unit)], exact, bound)
              << rows << " rows, " << inputs << " inputs, " << units << " units";
        }
      }
    }
  }
}

TEST_P(DenseLayerTest, CountsWhatIsTooLargeForItsSumsByItself) {
  Layer layer;
  layer.inputs = 1;
  layer.units = 3;
  layer.weights = {1.0F, 2.0F, 0.0F};
  layer.bias = {0.0F, 0.0F, 1.0F};
  const DenseLayer dense(layer, BoundsOf(layer, 0.01), GetParam());
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> x = {1e30F, 3.0F, infinity};
  LayerActivity activity;
  activity.Reset(3);
  std::vector<float> a(9);
  dense.Evaluate(x.data(), 1, 3, nullptr, a.data(), &activity);
  EXPECT_EQ(activity.rows, 3);
  EXPECT_EQ(activity.non_finite, 3);  // infinity twice, and 0 times infinity
  EXPECT_NEAR(activity.sum, 3e30, 1e24);
  EXPECT_NEAR(activity.sum_of_squares, 5e60, 1e54);
  EXPECT_EQ(activity.sum_of_slopes, 6.0);
}

INSTANTIATE_TEST_SUITE_P(All, DenseLayerTest, ::testing::ValuesIn(SupportedInstructionSets()),
                         [](const auto& set) { return std::string(NameOf(set.param)); });

}  // namespace
}  // namespace mlp
