#include "model/drift/kernels/value_kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/model/print_parameters.h"

namespace mlp {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinite = std::numeric_limits<float>::infinity();

class ValueKernelTest : public ::testing::TestWithParam<InstructionSet> {
 protected:
  const ValueKernel& kernel_ = ValueKernelOf(GetParam());
};

// A reference of random centers and scales. The range reaches three scales to either side.
struct RandomReference {
  RandomReference(std::mt19937& random, std::int64_t values) {
    std::uniform_real_distribution<float> uniform(-2.0F, 2.0F);
    for (std::int64_t i = 0; i < values; ++i) {
      center.push_back(uniform(random));
      const float scale = std::exp(uniform(random));
      inverse_scale.push_back(1.0F / scale);
      minimum.push_back(center.back() - 3.0F * scale);
      maximum.push_back(center.back() + 3.0F * scale);
    }
  }
  ReferenceView View() const {
    return {center.data(), inverse_scale.data(), minimum.data(), maximum.data()};
  }

  std::vector<float> center;
  std::vector<float> inverse_scale;
  std::vector<float> minimum;
  std::vector<float> maximum;
};

// Every width up to a few packets, rows whose stride exceeds their width, and values of all kinds.
// The values between the rows must not count.
TEST_P(ValueKernelTest, AddsClippedDeviationsAndFindsRowsOutsideTheRange) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal(0.0F, 2.5F);
  for (std::int64_t values = 1; values <= 150; ++values) {
    const RandomReference reference(random, values);
    const std::int64_t rows = values % (kMaxValueRows + 1);
    const std::int64_t stride = values + values % 3;
    std::vector<float> x(static_cast<std::size_t>(rows * stride), kNan);
    std::vector<double> sums(static_cast<std::size_t>(values), 1.0);
    std::vector<double> squares(sums.size(), 2.0);
    std::vector<double> expected_sums = sums;
    std::vector<double> expected_squares = squares;
    std::vector<std::uint8_t> expected_outside(static_cast<std::size_t>(kMaxValueRows));
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t i = 0; i < values; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const auto choice = random() % 400;
        const float deviation = normal(random);
        const float value =
            choice == 0    ? kNan
            : choice == 1  ? kInfinite
            : choice == 2  ? -kInfinite
            : choice == 3  ? reference.maximum[at]
            : row % 2 == 0 ? reference.center[at] + 0.2F * deviation / reference.inverse_scale[at]
                           : reference.center[at] + deviation / reference.inverse_scale[at];
        x[static_cast<std::size_t>(row * stride + i)] = value;
        const double c = std::isnan(value)
                             ? 0.0
                             : std::clamp((static_cast<double>(value) - reference.center[at]) *
                                              reference.inverse_scale[at],
                                          -4.0, 4.0);
        expected_sums[at] += c;
        expected_squares[at] += c * c;
        if (!(value >= reference.minimum[at] && value <= reference.maximum[at])) {
          expected_outside[static_cast<std::size_t>(row)] = 1;
        }
      }
    }
    bool outside[kMaxValueRows] = {};
    kernel_.add(x.data(), stride, rows, values, reference.View(), sums.data(), squares.data(),
                outside);
    for (std::int64_t i = 0; i < values; ++i) {
      const auto at = static_cast<std::size_t>(i);
      ASSERT_NEAR(sums[at], expected_sums[at], 1e-4) << values << " values, number " << i;
      ASSERT_NEAR(squares[at], expected_squares[at], 1e-3) << values << " values, number " << i;
    }
    for (std::size_t row = 0; row < expected_outside.size(); ++row) {
      ASSERT_EQ(outside[row], expected_outside[row] != 0) << values << " values, row " << row;
    }
  }
}

TEST_P(ValueKernelTest, FindsRowsOutsideOfOneRange) {
  for (std::int64_t values = 1; values <= 70; ++values) {
    for (std::int64_t place = 0; place < values; ++place) {
      std::vector<float> x(static_cast<std::size_t>(5 * values), 1.0F);
      const auto in_row = [&](std::int64_t row) -> float& {
        return x[static_cast<std::size_t>(row * values + place)];
      };
      in_row(0) = kNan;
      in_row(1) = -2.5F;
      in_row(3) = -kInfinite;
      in_row(4) = -2.0F;  // the bound belongs to the range
      bool outside[kMaxValueRows] = {};
      kernel_.find_outside(x.data(), values, 5, values, -2.0F, 1.0F, outside);
      EXPECT_EQ(std::vector<bool>(outside, outside + 5),
                (std::vector<bool>{true, true, false, true, false}))
          << values << " values, number " << place;
    }
  }
}

struct FaultCase {
  std::vector<float> x;
  unsigned with_range;  // -1 to 1
  unsigned without;
};

TEST_P(ValueKernelTest, FindsTheFaultsOfARow) {
  const std::vector<FaultCase> cases = {
      {{0.0F, 1.0F, -1.0F}, 0, 0},
      {{0.0F, 1.5F, -1.0F}, kHasOutOfRange, 0},
      {{-1.5F, 1.0F, kNan}, kHasOutOfRange | kHasMissing, kHasMissing},
      {{kNan, kNan, kNan}, kHasMissing, kHasMissing},
      {{kInfinite, 0.0F, 0.0F}, kHasOutOfRange | kHasInfinity, kHasInfinity},
      {{0.0F, kNan, -kInfinite},
       kHasOutOfRange | kHasMissing | kHasInfinity,
       kHasMissing | kHasInfinity},
      {{3e38F, 0.0F, 0.0F}, kHasOutOfRange, 0}};
  const std::vector<float> minimum(3, -1.0F);
  const std::vector<float> maximum(3, 1.0F);
  for (const FaultCase& fault_case : cases) {
    EXPECT_EQ(kernel_.faults(fault_case.x.data(), 3, minimum.data(), maximum.data()),
              fault_case.with_range)
        << ::testing::PrintToString(fault_case.x);
    EXPECT_EQ(kernel_.faults(fault_case.x.data(), 3, nullptr, nullptr), fault_case.without)
        << ::testing::PrintToString(fault_case.x);
  }
}

TEST_P(ValueKernelTest, SumsScores) {
  std::mt19937 random(4);
  std::normal_distribution<float> normal(0.0F, 30.0F);
  for (std::int64_t classes = 1; classes <= 70; ++classes) {
    constexpr std::int64_t kRows = 5;
    std::vector<float> logits(static_cast<std::size_t>(kRows * classes));
    std::vector<float> probabilities(logits.size());
    for (float& z : logits) z = normal(random);
    logits.front() = -kInfinite;
    if (classes == 1) logits.front() = 0.0F;
    logits.back() = logits[logits.size() - static_cast<std::size_t>((classes + 1) / 2)];  // a tie
    RowScores of_logits[kRows];
    RowScores of_probabilities[kRows];
    std::vector<RowScores> expected(2 * kRows);
    for (std::int64_t row = 0; row < kRows; ++row) {
      const float* z = logits.data() + row * classes;
      float* p = probabilities.data() + row * classes;
      const float* greatest = std::max_element(z, z + classes);
      double sum = 0.0;
      double weighed = 0.0;
      for (std::int64_t i = 0; i < classes; ++i) {
        const double e = std::exp(static_cast<double>(z[i]) - *greatest);
        sum += e;
        if (e > 0.0) weighed += e * (static_cast<double>(z[i]) - *greatest);
      }
      double total = 0.0;
      double entropy = 0.0;
      for (std::int64_t i = 0; i < classes; ++i) {
        p[i] = static_cast<float>(std::exp(static_cast<double>(z[i]) - *greatest) / sum);
        total += p[i];
        if (p[i] > 0.0F) entropy += p[i] * std::log(static_cast<double>(p[i]));
      }
      const auto at = static_cast<std::size_t>(row);
      expected[at] = {greatest - z, *greatest, static_cast<float>(sum),
                      static_cast<float>(weighed)};
      expected[kRows + at] = {std::max_element(p, p + classes) - p,
                              *std::max_element(p, p + classes), static_cast<float>(total),
                              static_cast<float>(entropy)};
    }
    kernel_.of_logits(logits.data(), kRows, classes, of_logits);
    kernel_.of_probabilities(probabilities.data(), kRows, classes, of_probabilities);
    for (std::size_t row = 0; row < kRows; ++row) {
      for (const auto& [actual, wanted] :
           {std::pair(of_logits[row], expected[row]),
            std::pair(of_probabilities[row], expected[kRows + row])}) {
        EXPECT_EQ(actual.predicted, wanted.predicted) << classes << " classes, row " << row;
        EXPECT_EQ(actual.greatest, wanted.greatest) << classes << " classes, row " << row;
        EXPECT_NEAR(actual.sum, wanted.sum, 1e-5) << classes << " classes, row " << row;
        EXPECT_NEAR(actual.weighed, wanted.weighed, 1e-4) << classes << " classes, row " << row;
      }
    }
  }
}

TEST_P(ValueKernelTest, DetectsNonFiniteScores) {
  for (const float value : {kNan, kInfinite}) {
    for (std::size_t classes = 1; classes <= 40; ++classes) {
      for (std::size_t place = 0; place < classes; ++place) {
        std::vector<float> row(classes, 0.01F);
        row[place] = value;
        for (const auto function : {kernel_.of_logits, kernel_.of_probabilities}) {
          RowScores scores;
          function(row.data(), 1, static_cast<std::int64_t>(classes), &scores);
          EXPECT_FALSE(std::isfinite(scores.sum) && std::isfinite(scores.weighed) &&
                       std::isfinite(scores.greatest))
              << value << " at " << place << " of " << classes;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, ValueKernelTest, ::testing::ValuesIn(SupportedInstructionSets()),
                         [](const auto& set) { return std::string(NameOf(set.param)); });

}  // namespace
}  // namespace mlp
