#include "client/watch/sparkline.h"

#include <gtest/gtest.h>

#include <limits>
#include <ostream>
#include <vector>

namespace mlp {
namespace {

constexpr double kUnknownValue = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfiniteValue = std::numeric_limits<double>::infinity();

struct SparklineCase {
  std::vector<double> values;
  std::size_t columns;
  double top;
  const char* expected;
};

void PrintTo(const SparklineCase& test_case, std::ostream* out) {
  *out << ::testing::PrintToString(test_case.values) << " in " << test_case.columns << " columns";
}

class SparklineTest : public ::testing::TestWithParam<SparklineCase> {};

TEST_P(SparklineTest, DrawsOneBlockForEachColumn) {
  const SparklineCase& test_case = GetParam();
  EXPECT_EQ(Sparkline(test_case.values, test_case.columns, test_case.top), test_case.expected);
}

INSTANTIATE_TEST_SUITE_P(
    Series, SparklineTest,
    ::testing::Values(SparklineCase{{}, 10, 0, ""}, SparklineCase{{0, 0, 0}, 10, 0, "▁▁▁"},
                      SparklineCase{{0, 1, 2, 3, 4, 5, 6, 7}, 10, 0, "▁▂▃▄▅▆▇█"},
                      SparklineCase{{kUnknownValue, 1, kUnknownValue}, 10, 0, " █ "},
                      SparklineCase{{0, 7}, 10, 14, "▁▅"}, SparklineCase{{0, 28}, 10, 14, "▁█"},
                      // Each column shows its greatest value, so no peak is lost.
                      SparklineCase{{0, 7, 0, 0, kUnknownValue, 1}, 3, 0, "█▁▂"},
                      SparklineCase{{kUnknownValue, kUnknownValue, 1, 1}, 2, 0, " █"},
                      SparklineCase{{kInfiniteValue, 1}, 10, 0, "█▁"},
                      SparklineCase{{-3, 7}, 10, 0, "▁█"}));

struct BarCase {
  double value;
  const char* expected;
};

void PrintTo(const BarCase& test_case, std::ostream* out) { *out << test_case.value; }

class BarTest : public ::testing::TestWithParam<BarCase> {};

TEST_P(BarTest, HasALengthProportionalToItsValue) {
  EXPECT_EQ(Bar(GetParam().value, /*top=*/2.0, /*columns=*/4), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Values, BarTest,
                         ::testing::Values(BarCase{0, "    "}, BarCase{0.0625, "▏   "},
                                           BarCase{0.5, "█   "}, BarCase{0.75, "█▌  "},
                                           BarCase{2, "████"}, BarCase{9, "████"},
                                           BarCase{kInfiniteValue, "████"}, BarCase{-1, "    "},
                                           BarCase{kUnknownValue, "    "}));

}  // namespace
}  // namespace mlp
