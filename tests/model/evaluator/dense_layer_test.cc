// Compares the packed product with plain loops in double, for every number of rows that a tile can
// have.

#include "model/evaluator/dense_layer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "tests/model/evaluator/set_and_storage.h"

namespace mlp {
namespace {

Layer AnyLayer(std::int64_t inputs, std::int64_t units, std::mt19937& random) {
  std::normal_distribution<float> normal;
  Layer layer;
  layer.inputs = inputs;
  layer.units = units;
  layer.dense().weights.resize(static_cast<std::size_t>(inputs * units));
  layer.dense().bias.resize(static_cast<std::size_t>(units));
  for (float& weight : layer.dense().weights) weight = normal(random);
  for (float& bias : layer.dense().bias) bias = normal(random);
  return layer;
}

// Rounds to 8 significant bits, as bfloat16 does, with frexp.
float Bfloat16Of(float weight) {
  int exponent = 0;
  const double mantissa = std::frexp(static_cast<double>(weight), &exponent);
  return static_cast<float>(std::ldexp(std::nearbyint(mantissa * 256), exponent - 8));
}

// A layer's weights as they are stored.
std::vector<double> StoredWeights(const Layer& layer, WeightStorage storage) {
  std::vector<double> stored(layer.dense().weights.begin(), layer.dense().weights.end());
  if (storage == WeightStorage::kBfloat16) {
    for (double& weight : stored) weight = Bfloat16Of(static_cast<float>(weight));
  }
  if (storage != WeightStorage::kInt8) return stored;
  const auto units = static_cast<std::size_t>(layer.units);
  for (std::size_t unit = 0; unit < units; ++unit) {
    float greatest = 0.0F;
    for (std::size_t i = unit; i < stored.size(); i += units) {
      greatest = std::max(greatest, std::fabs(layer.dense().weights[i]));
    }
    const float scale = greatest / 127;
    for (std::size_t i = unit; i < stored.size(); i += units) {
      stored[i] = static_cast<double>(std::nearbyint(layer.dense().weights[i] / scale)) * scale;
    }
  }
  return stored;
}

class DenseLayerTest : public ::testing::TestWithParam<InstructionSet> {};

class StoredLayerTest : public ::testing::TestWithParam<SetAndStorage> {};

TEST_P(StoredLayerTest, IsWithinTheBoundOfRoundedSums) {
  const auto [set, storage] = GetParam();
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  const std::int64_t widths[] = {1, 2, 3, 5, 8, 17, 31, 32, 33, 64, 130};
  for (const std::int64_t inputs : widths) {
    for (const std::int64_t units : widths) {
      const Layer layer = AnyLayer(inputs, units, random);
      const std::vector<double> weights = StoredWeights(layer, storage);
      const DenseLayer dense(layer, BoundsOf(layer, 0.01), set, storage);
      const auto rows = static_cast<std::int64_t>(1 + random() % 30);
      const std::int64_t stride = inputs + static_cast<std::int64_t>(random() % 5);
      std::vector<float> x(static_cast<std::size_t>((rows - 1) * stride + inputs));
      for (float& value : x) value = normal(random);
      // The value behind the last row must not be written.
      constexpr float kUntouched = 12345.0F;
      std::vector<float> z(static_cast<std::size_t>(rows * units + 1), kUntouched);
      std::vector<float> scratch(static_cast<std::size_t>(dense.ScratchFloats(rows)));
      dense.PreActivations(x.data(), stride, rows, dense.AllPanels(), scratch.data(), z.data());
      EXPECT_EQ(z.back(), kUntouched);
      for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t unit = 0; unit < units; ++unit) {
          double exact = layer.dense().bias[static_cast<std::size_t>(unit)];
          double magnitude = std::fabs(exact);
          for (std::int64_t i = 0; i < inputs; ++i) {
            const double product =
                static_cast<double>(x[static_cast<std::size_t>(row * stride + i)]) *
                weights[static_cast<std::size_t>(i * units + unit)];
            exact += product;
            magnitude += std::fabs(product);
          }
          // n rounded products, n rounded sums, the product with int8's scale and the sum with the
          // bias: each rounding is at most u = 2^-24 of its result, so the error is at most (2 n +
          // 2) u / (1 - (2 n + 2) u) of the terms' magnitudes (Higham, Accuracy and Stability of
          // Numerical Algorithms, 3.1). The stored weights themselves are exact.
          const double roundings = static_cast<double>(2 * inputs + 2) * std::ldexp(1.0, -24);
          const double bound = roundings / (1 - roundings) * magnitude;
          ASSERT_NEAR(z[static_cast<std::size_t>(row * units + unit)], exact, bound)
              << rows << " rows, " << inputs << " inputs, " << units << " units";
        }
      }
    }
  }
}

TEST_P(DenseLayerTest, AnswersNanForAUnitOfInt8WeightsThatAreNotFinite) {
  Layer layer;
  layer.inputs = 2;
  layer.units = 3;
  layer.dense().weights = {1.0F, std::numeric_limits<float>::infinity(), 0.0F, 2.0F, 1.0F, 0.0F};
  layer.dense().bias = {0.0F, 0.0F, 1.0F};
  const DenseLayer dense(layer, BoundsOf(layer, 0.01), GetParam(), WeightStorage::kInt8);
  const std::vector<float> x = {1.0F, 1.0F};
  std::vector<float> z(3);
  dense.PreActivations(x.data(), 2, 1, dense.AllPanels(), nullptr, z.data());
  EXPECT_NEAR(z[0], 3.0, 0.01);
  EXPECT_TRUE(std::isnan(z[1]));
  EXPECT_EQ(z[2], 1.0F);  // all its weights are zero
}

TEST_P(DenseLayerTest, RoundsToBfloat16WithTiesToEven) {
  Layer layer;
  layer.inputs = 1;
  layer.units = 6;
  const float infinity = std::numeric_limits<float>::infinity();
  layer.dense().weights = {0x1.01p0F, 0x1.03p0F, 0x1.010002p0F, -0x1.01p0F, 3.4e38F, infinity};
  layer.dense().bias = std::vector<float>(6);
  const DenseLayer dense(layer, BoundsOf(layer, 0.01), GetParam(), WeightStorage::kBfloat16);
  const float one = 1.0F;
  std::vector<float> z(6);
  dense.PreActivations(&one, 1, 1, dense.AllPanels(), nullptr, z.data());
  EXPECT_EQ(z, (std::vector<float>{1.0F, 0x1.04p0F, 0x1.02p0F, -1.0F, infinity, infinity}));
}

TEST_P(DenseLayerTest, CountsValuesTooLargeForItsSumsSeparately) {
  Layer layer;
  layer.inputs = 1;
  layer.units = 3;
  layer.dense().weights = {1.0F, 2.0F, 0.0F};
  layer.dense().bias = {0.0F, 0.0F, 1.0F};
  const DenseLayer dense(layer, BoundsOf(layer, 0.01), GetParam());
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> x = {1e30F, 3.0F, infinity};
  LayerActivity activity;
  activity.Reset(3);
  std::vector<float> a(9);
  dense.Evaluate(x.data(), 1, 3, dense.AllPanels(), nullptr, nullptr, a.data(), &activity);
  activity.Settle();
  EXPECT_EQ(activity.unit_non_finite, (std::vector<std::int64_t>{1, 1, 1}));
  EXPECT_EQ(activity.unit_values[1], 2.0 * 1e30F);
  EXPECT_EQ(activity.unit_values[2], 2.0);
  EXPECT_EQ(activity.non_finite, 3);  // two infinities, and 0 times infinity
  EXPECT_NEAR(activity.Sum(), 3e30, 1e24);
  EXPECT_NEAR(activity.sum_of_squares, 5e60, 1e54);
  EXPECT_EQ(activity.SumOfSlopes(), 6.0);
}

// Counts of few rows are settled later, for any mix of sizes and values. Those of many rows never
// wait.
TEST_P(DenseLayerTest, CountsRowsTheSameInSmallAndLargeBatches) {
  Layer layer;
  layer.inputs = 1;
  layer.units = 37;  // on some instruction sets a panel and a narrow one, on others several
  layer.activation.kind = ActivationKind::kTanh;
  for (int unit = 0; unit < layer.units; ++unit) {
    layer.dense().weights.push_back(0.2F * static_cast<float>(unit - 18));
    layer.dense().bias.push_back(0.1F);
  }
  const DenseLayer dense(layer, BoundsOf(layer, 0.01), GetParam());
  constexpr int kRows = 500;
  std::vector<float> x(kRows);
  for (int row = 0; row < kRows; ++row) x[row] = static_cast<float>(row % 41 - 20) / 10.0F;
  x[70] = std::numeric_limits<float>::quiet_NaN();
  x[133] = std::numeric_limits<float>::infinity();
  std::vector<float> scratch(static_cast<std::size_t>(dense.ScratchFloats(kRows)));
  std::vector<float> a(static_cast<std::size_t>(kRows * layer.units));
  LayerActivity together;
  together.Reset(layer.units);
  dense.Evaluate(x.data(), 1, kRows, dense.AllPanels(), scratch.data(), nullptr, a.data(),
                 &together);
  together.Settle();
  LayerActivity apart;
  apart.Reset(layer.units);
  for (int row = 0, rows = 1; row < kRows; row += rows, rows = rows % 18 + 1) {
    rows = std::min(rows, kRows - row);
    dense.Evaluate(x.data() + row, 1, rows, dense.AllPanels(), scratch.data(), nullptr, a.data(),
                   &apart);
    EXPECT_LE(apart.unsettled_rows, 64);
  }
  apart.Settle();
  EXPECT_EQ(apart.unsettled_rows, 0);
  EXPECT_EQ(apart.unit_lower_tail, together.unit_lower_tail);
  EXPECT_EQ(apart.unit_upper_tail, together.unit_upper_tail);
  EXPECT_GT(apart.UpperTail(), 0);
  EXPECT_EQ(apart.unit_negative, together.unit_negative);
  EXPECT_EQ(apart.unit_non_finite, together.unit_non_finite);
  for (std::size_t unit = 0; unit < apart.unit_values.size(); ++unit) {
    EXPECT_NEAR(apart.unit_values[unit], together.unit_values[unit], 1e-4 * kRows) << unit;
    EXPECT_NEAR(apart.unit_slopes[unit], together.unit_slopes[unit], 1e-4 * kRows) << unit;
  }
  EXPECT_EQ(apart.non_finite, together.non_finite);
  EXPECT_GT(apart.non_finite, 0);
  EXPECT_NEAR(apart.Sum(), together.Sum(), 1e-4 * kRows);
  EXPECT_NEAR(apart.sum_of_squares, together.sum_of_squares, 1e-5 * together.sum_of_squares);
  EXPECT_NEAR(apart.SumOfSlopes(), together.SumOfSlopes(), 1e-5 * together.SumOfSlopes());
  const std::int64_t before = apart.UpperTail();
  apart.Settle();
  EXPECT_EQ(apart.UpperTail(), before);
}

INSTANTIATE_TEST_SUITE_P(All, DenseLayerTest, ::testing::ValuesIn(SupportedInstructionSets()),
                         [](const auto& set) { return std::string(NameOf(set.param)); });

INSTANTIATE_TEST_SUITE_P(All, StoredLayerTest, SetsAndStorages(), NameOfSetAndStorage);

}  // namespace
}  // namespace mlp
