// Compares the kernels of every instruction set that this CPU supports with references.h.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/activations/kernels/activation_kernel.h"
#include "tests/model/activations/float_sample.h"
#include "tests/model/activations/references.h"
#include "tests/model/activations/ulp_error.h"
#include "tests/model/print_parameters.h"

namespace mlp {
namespace {

constexpr double kLimitUlp = 4.0;
constexpr float kFloatInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

class ElementwiseKernelTest
    : public ::testing::TestWithParam<std::tuple<Reference, InstructionSet>> {
 protected:
  const Reference& reference() const { return std::get<0>(GetParam()); }
  const ActivationKernel& kernel() const {
    return KernelOf(reference().kind, std::get<1>(GetParam()));
  }

  std::vector<float> UnitAlpha(std::size_t count) const {
    return std::vector<float>(count,
                              reference().parameters.empty() ? 0 : reference().parameters[0]);
  }

  std::vector<float> Values(const std::vector<float>& z) const {
    std::vector<float> a(z.size());
    kernel().values(z.data(), reference().parameters.data(), UnitAlpha(z.size()).data(),
                    static_cast<std::int64_t>(z.size()), a.data());
    return a;
  }

  std::vector<float> Slopes(const std::vector<float>& z, const std::vector<float>& a) const {
    std::vector<float> slopes(z.size());
    kernel().slopes(z.data(), a.data(), reference().parameters.data(), UnitAlpha(z.size()).data(),
                    static_cast<std::int64_t>(z.size()), slopes.data());
    return slopes;
  }

  // For these two, rounding a product with z decides on which side of the kink a value lies.
  bool RoundsOntoAKink(float z) const {
    if (reference().kind != ActivationKind::kHardSigmoid &&
        reference().kind != ActivationKind::kSoftplus) {
      return false;
    }
    return std::any_of(reference().kinks.begin(), reference().kinks.end(),
                       [z](float kink) { return std::fabs(z - kink) <= 1e-6F * std::fabs(kink); });
  }
};

TEST_P(ElementwiseKernelTest, IsWithin4UlpOfTheDefinition) {
  const std::vector<float> z = SampleOfFloats(200'000, reference().kinks);
  const std::vector<float> a = Values(z);
  double worst = 0;
  std::size_t worst_at = 0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    const double error =
        UlpError(a[i], reference().value.on_long_double(z[i], reference().parameters.data()));
    if (error > worst) {
      worst = error;
      worst_at = i;
    }
  }
  EXPECT_LE(worst, kLimitUlp) << "f(" << z[worst_at] << ") = " << a[worst_at];
}

TEST_P(ElementwiseKernelTest, GivesTheLimitsAtInfinityAndPassesNanOn) {
  const std::vector<float> a = Values({-kFloatInfinity, kFloatInfinity, kNan});
  EXPECT_LE(UlpError(a[0], static_cast<double>(reference().at_minus_infinity)), kLimitUlp) << a[0];
  EXPECT_LE(UlpError(a[1], static_cast<double>(reference().at_plus_infinity)), kLimitUlp) << a[1];
  EXPECT_TRUE(std::isnan(a[2])) << a[2];
}

TEST_P(ElementwiseKernelTest, GivesAnElementTheSameBitsAtAnyPlaceOfAnyArray) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal(0, 5);
  std::vector<float> z(70);
  for (float& value : z) value = normal(random);
  const std::vector<float> whole = Values(z);
  for (std::size_t first = 0; first < 20; ++first) {
    for (std::size_t count = 1; first + count <= z.size(); ++count) {
      const auto begin = z.begin() + static_cast<std::ptrdiff_t>(first);
      const std::vector<float> part =
          Values(std::vector<float>(begin, begin + static_cast<std::ptrdiff_t>(count)));
      ASSERT_EQ(std::memcmp(part.data(), whole.data() + first, count * sizeof(float)), 0)
          << count << " values from " << first;
    }
  }
}

TEST_P(ElementwiseKernelTest, WorksInPlaceAndTouchesNothingElse) {
  for (const std::size_t count : {0, 1, 3, 15, 16, 17, 40}) {
    std::vector<float> z;
    for (std::size_t i = 0; i < count; ++i) z.push_back(static_cast<float>(i) * 0.31F - 3);
    std::vector<float> in_place = z;
    in_place.push_back(-77);  // a guard
    kernel().values(in_place.data(), reference().parameters.data(), UnitAlpha(count).data(),
                    static_cast<std::int64_t>(count), in_place.data());
    EXPECT_EQ(in_place.back(), -77);
    in_place.pop_back();
    EXPECT_EQ(in_place, Values(z));
  }
}

TEST_P(ElementwiseKernelTest, GivesTheSlopeOfTheDefinition) {
  std::vector<float> z = SampleOfFloats(20'000, reference().kinks);
  for (int i = -3000; i <= 3000; ++i) z.push_back(static_cast<float>(i) / 137.0F);
  const std::vector<float> slopes = Slopes(z, Values(z));
  std::vector<double> expected;
  double steepest = 0;
  for (const float value : z) {
    expected.push_back(
        std::fabs(reference().slope.on_double(value, reference().parameters.data())));
    if (std::fabs(value) < 22) steepest = std::max(steepest, expected.back());
  }
  for (std::size_t i = 0; i < z.size(); ++i) {
    // The slope e^z exceeds 1 by any factor, and is infinite where the float is.
    const double tolerance = 1e-5 * std::max(std::min(steepest, 1.0), expected[i]);
    if (expected[i] > 3e38 || RoundsOntoAKink(z[i])) continue;
    ASSERT_NEAR(slopes[i], expected[i], tolerance) << "z = " << z[i];
  }
}

// The reference's slope is written by hand too, so it must be the derivative of its value.
TEST_P(ElementwiseKernelTest, HasAReferenceWhoseSlopeIsItsDerivative) {
  const float* parameters = reference().parameters.data();
  for (int i = -1500; i <= 1500; ++i) {
    const long double z = (i + 0.37L) / 137;
    const long double h = 1e-6L;
    const bool at_kink = std::any_of(
        reference().kinks.begin(), reference().kinks.end(),
        [z](float kink) { return std::fabs(static_cast<long double>(kink) - z) < 1e-5L; });
    if (at_kink) continue;
    const long double derivative = (reference().value.on_long_double(z + h, parameters) -
                                    reference().value.on_long_double(z - h, parameters)) /
                                   (2 * h);
    const long double slope = reference().slope.on_long_double(z, parameters);
    ASSERT_NEAR(static_cast<double>(slope), static_cast<double>(derivative),
                1e-6 * std::max(1.0, static_cast<double>(std::fabs(slope))))
        << static_cast<double>(z);
  }
}

INSTANTIATE_TEST_SUITE_P(All, ElementwiseKernelTest,
                         ::testing::Combine(::testing::ValuesIn(ElementwiseReferences()),
                                            ::testing::ValuesIn(SupportedInstructionSets())),
                         [](const auto& test) {
                           return absl::StrCat(std::get<0>(test.param).Label(), "_",
                                               NameOf(std::get<1>(test.param)));
                         });

class RowKernelTest : public ::testing::TestWithParam<InstructionSet> {
 protected:
  static std::vector<float> Row(ActivationKind kind, const std::vector<float>& z) {
    std::vector<float> a(z.size());
    KernelOf(kind, GetParam())
        .values(z.data(), nullptr, nullptr, static_cast<std::int64_t>(z.size()), a.data());
    return a;
  }

  static std::vector<float> RandomRow(std::size_t count, float spread) {
    std::mt19937 random(static_cast<std::uint32_t>(count));
    std::normal_distribution<float> normal(-3, spread);
    std::vector<float> row(count);
    for (float& value : row) value = normal(random);
    return row;
  }
};

void ExpectRow(const std::vector<float>& row, const std::vector<double>& expected) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_NEAR(row[i], expected[i], 1e-6 * std::fabs(expected[i]) + 1e-45) << "unit " << i;
  }
}

TEST_P(RowKernelTest, SoftmaxAndItsLogarithmFollowTheDefinition) {
  for (const std::size_t count : {1, 2, 7, 10, 16, 33, 1000, 100'000}) {
    for (const float spread : {0.1F, 3.0F, 40.0F}) {
      const std::vector<float> z = RandomRow(count, spread);
      const float maximum = *std::max_element(z.begin(), z.end());
      // Leaves out one of the greatest, next to which the others could be too small to count.
      double others = 0;
      bool left_out = false;
      for (const float x : z) {
        if (x == maximum && !std::exchange(left_out, true)) continue;
        others += std::exp(static_cast<double>(x) - maximum);
      }
      std::vector<double> softmax;
      std::vector<double> logarithm;
      for (const float x : z) {
        logarithm.push_back(static_cast<double>(x) - maximum - std::log1p(others));
        softmax.push_back(std::exp(static_cast<double>(x) - maximum) / (1 + others));
      }
      ExpectRow(Row(ActivationKind::kSoftmax, z), softmax);
      ExpectRow(Row(ActivationKind::kLogSoftmax, z), logarithm);
    }
  }
}

TEST_P(RowKernelTest, SoftmaxAcceptsAnyLogits) {
  const std::vector<float> a =
      Row(ActivationKind::kSoftmax, {1000, 999, -1000, 1000, -kFloatInfinity});
  const double sum = 2 + std::exp(-1.0);
  ExpectRow(a, {1 / sum, std::exp(-1.0) / sum, 0, 1 / sum, 0});
  const std::vector<float> log =
      Row(ActivationKind::kLogSoftmax, {1000, 900, -1000, -kFloatInfinity, 910});
  EXPECT_NEAR(log[0], -std::log1p(std::exp(-100.0) + std::exp(-90.0)), 1e-45);
  EXPECT_EQ(log[2], -2000);
  EXPECT_EQ(log[3], -kFloatInfinity);
  for (const float broken : {kNan, kFloatInfinity}) {
    for (const ActivationKind kind :
         {ActivationKind::kSoftmax, ActivationKind::kLogSoftmax, ActivationKind::kSparsemax}) {
      for (const std::size_t at : {0, 7, 16}) {
        std::vector<float> row(17, 1.0F);
        row[at] = broken;
        for (const float value : Row(kind, row)) EXPECT_TRUE(std::isnan(value)) << value;
      }
    }
  }
}

TEST_P(RowKernelTest, HardmaxIsOneForTheFirstOfTheGreatest) {
  using Values = std::vector<float>;
  EXPECT_EQ(Row(ActivationKind::kHardmax, {-3}), Values({1}));
  EXPECT_EQ(Row(ActivationKind::kHardmax, {-3, -1, -kFloatInfinity, -1, -2}),
            Values({0, 1, 0, 0, 0}));
  EXPECT_EQ(Row(ActivationKind::kHardmax, {0, kFloatInfinity, kFloatInfinity}), Values({0, 1, 0}));
  for (const std::size_t at : {0, 7, 16}) {
    std::vector<float> row(17, 1.0F);
    row[at] = kNan;
    for (const float value : Row(ActivationKind::kHardmax, row)) EXPECT_TRUE(std::isnan(value));
  }
}

TEST_P(RowKernelTest, SparsemaxIsTheProjectionOnTheSimplex) {
  for (const std::size_t count : {1, 2, 7, 100, 3000}) {
    for (const float spread : {0.01F, 0.3F, 5.0F}) {
      const std::vector<float> z = RandomRow(count, spread);
      // The threshold of the definition (Martins and Astudillo 2016), from the sorted row.
      std::vector<double> sorted(z.begin(), z.end());
      std::sort(sorted.rbegin(), sorted.rend());
      double sum = 0;
      double tau = 0;
      for (std::size_t k = 0; k < count; ++k) {
        sum += sorted[k];
        const auto size = static_cast<double>(k + 1);
        if (1 + size * sorted[k] > sum) tau = (sum - 1) / size;
      }
      std::vector<double> expected;
      expected.reserve(count);
      for (const float x : z) expected.push_back(std::max(0.0, x - tau));
      const std::vector<float> a = Row(ActivationKind::kSparsemax, z);
      for (std::size_t i = 0; i < count; ++i) {
        ASSERT_NEAR(a[i], expected[i], 1e-6 * expected[i] + 1e-14) << count << " unit " << i;
      }
    }
  }
}

TEST_P(RowKernelTest, GatedUnitsMultiplyTheFirstHalfByAFunctionOfTheSecond) {
  const std::vector<std::pair<ActivationKind, double (*)(double)>> gates = {
      {ActivationKind::kGlu, [](double b) { return 1 / (1 + std::exp(-b)); }},
      {ActivationKind::kReglu, [](double b) { return std::max(b, 0.0); }},
      {ActivationKind::kGeglu, [](double b) { return b * std::erfc(-b * std::sqrt(0.5)) / 2; }},
      {ActivationKind::kSwiglu, [](double b) { return b / (1 + std::exp(-b)); }},
      {ActivationKind::kBilinear, [](double b) { return b; }}};
  for (const auto& [kind, gate] : gates) {
    for (const std::size_t half : {1, 5, 16, 31, 200}) {
      const std::vector<float> z = RandomRow(2 * half, 4);
      std::vector<double> expected;
      for (std::size_t i = 0; i < half; ++i) expected.push_back(z[i] * gate(z[half + i]));
      ExpectRow(Row(kind, z), expected);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, RowKernelTest, ::testing::ValuesIn(SupportedInstructionSets()),
                         [](const auto& test) { return std::string(NameOf(test.param)); });

TEST(PreluKernelTest, UsesAnAlphaForEachUnit) {
  for (const InstructionSet set : SupportedInstructionSets()) {
    std::vector<float> z;
    std::vector<float> alpha;
    for (int i = 0; i < 37; ++i) {
      z.push_back(static_cast<float>(i % 5) - 2.5F);
      alpha.push_back(static_cast<float>(i) * 0.1F - 1);
    }
    std::vector<float> a(z.size());
    std::vector<float> slopes(z.size());
    const ActivationKernel& kernel = KernelOf(ActivationKind::kPrelu, set);
    kernel.values(z.data(), nullptr, alpha.data(), 37, a.data());
    kernel.slopes(z.data(), a.data(), nullptr, alpha.data(), 37, slopes.data());
    for (std::size_t i = 0; i < z.size(); ++i) {
      EXPECT_EQ(a[i], z[i] > 0 ? z[i] : alpha[i] * z[i]);
      EXPECT_EQ(slopes[i], z[i] > 0 ? 1 : std::fabs(alpha[i]));
    }
  }
}

}  // namespace
}  // namespace mlp
