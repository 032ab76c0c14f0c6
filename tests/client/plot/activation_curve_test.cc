#include "client/plot/activation_curve.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace mlp {
namespace {

int JumpsOf(const SampledLine& line) {
  return static_cast<int>(std::count(line.jumps.begin(), line.jumps.end(), true));
}

TEST(ActivationCurveTest, SamplesValueSlopeAndTails) {
  const ActivationCurve curve = SampleCurve(DefaultActivation(ActivationKind::kTanh), 0.01, 161);
  ASSERT_EQ(curve.z.size(), 161U);
  EXPECT_EQ(curve.z.front(), -8.0);
  EXPECT_EQ(curve.z[80], 0.0);
  EXPECT_EQ(curve.z.back(), 8.0);
  EXPECT_EQ(curve.value.values[80], 0.0);
  EXPECT_EQ(curve.slope.values[80], 1.0);
  EXPECT_NEAR(curve.value.values.back(), 1.0, 1e-6);
  EXPECT_NEAR(curve.tails.upper, std::atanh(std::sqrt(0.99)), 1e-6);
  EXPECT_EQ(JumpsOf(curve.value), 0);
  EXPECT_EQ(JumpsOf(curve.slope), 0);
  EXPECT_EQ(curve.title, "tanh");
}

TEST(ActivationCurveTest, DistinguishesJumpsFromSteepness) {
  Activation steep = DefaultActivation(ActivationKind::kLeakyRelu);
  steep.parameters = {50.0F};
  const ActivationCurve rising = SampleCurve(steep, 0.01, 64);
  EXPECT_EQ(JumpsOf(rising.value), 0);
  EXPECT_EQ(JumpsOf(rising.slope), 1);
  const ActivationCurve shrink =
      SampleCurve(DefaultActivation(ActivationKind::kHardShrink), 0.01, 64);
  EXPECT_EQ(JumpsOf(shrink.value), 2);
  EXPECT_EQ(JumpsOf(shrink.slope), 2);
}

TEST(ActivationCurveTest, EveryElementwiseActivationHasAFrame) {
  for (const ActivationInfo* info : AllActivations()) {
    if (!info->elementwise) continue;
    const ActivationCurve curve = SampleCurve(DefaultActivation(info->kind), 0.01, 128);
    EXPECT_LE(curve.lowest, 0.0) << info->name;
    EXPECT_GT(curve.highest, curve.lowest) << info->name;
    EXPECT_LE(curve.highest, 8.0) << info->name;
    EXPECT_GE(curve.lowest, -8.0) << info->name;
  }
}

}  // namespace
}  // namespace mlp
