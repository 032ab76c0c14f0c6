#include "server/status_page/figures.h"

#include "model/grouped_digits.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <string>

namespace mlp {
namespace {

using std::chrono::seconds;
using std::chrono::system_clock;

struct FigureCase {
  std::string (*text)(double);
  double value;
  const char* expected;
};

void PrintTo(const FigureCase& figure, std::ostream* out) {
  *out << figure.value << " as " << figure.expected;
}

class FigureTest : public ::testing::TestWithParam<FigureCase> {};

TEST_P(FigureTest, ReadsAsPeopleWriteIt) {
  EXPECT_EQ(GetParam().text(GetParam().value), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(Shares, FigureTest,
                         ::testing::Values(FigureCase{ShareText, 0.0, "0\u00a0%"},
                                           FigureCase{ShareText, 0.031, "3.1\u00a0%"},
                                           FigureCase{ShareText, 0.41, "41\u00a0%"},
                                           FigureCase{ShareText, 1.0, "100\u00a0%"},
                                           FigureCase{ShareText, 0.9951, "99.5\u00a0%"},
                                           FigureCase{ShareText, 0.0012, "0.12\u00a0%"},
                                           FigureCase{ShareText, 0.00001, "under\u00a00.01\u00a0%"},
                                           FigureCase{ShareText, kUnknown, "–"}));
INSTANTIATE_TEST_SUITE_P(Durations, FigureTest,
                         ::testing::Values(FigureCase{DurationText, 0.00041, "410\u00a0µs"},
                                           FigureCase{DurationText, 0.0012, "1.2\u00a0ms"},
                                           FigureCase{DurationText, 0.0999, "100\u00a0ms"},
                                           FigureCase{DurationText, 2.34, "2.3\u00a0s"},
                                           FigureCase{DurationText, 0, "0\u00a0µs"},
                                           FigureCase{DurationText, HUGE_VAL, "∞"},
                                           FigureCase{DurationText, kUnknown, "–"}));
INSTANTIATE_TEST_SUITE_P(
    Rates, FigureTest,
    ::testing::Values(FigureCase{RateText, 0, "0"}, FigureCase{RateText, 0.13, "0.13"},
                      FigureCase{RateText, 5.24, "5.2"}, FigureCase{RateText, 99.7, "100"},
                      FigureCase{RateText, 12345.4, "12,345"},
                      FigureCase{RateText, 1e18, "1.0e+18"}, FigureCase{RateText, kUnknown, "–"}));
INSTANTIATE_TEST_SUITE_P(Ratios, FigureTest,
                         ::testing::Values(FigureCase{RatioText, 0.72, "0.72"},
                                           FigureCase{RatioText, 6.04, "6.0"},
                                           FigureCase{RatioText, 11.94, "11.9"},
                                           FigureCase{RatioText, 390, "390"},
                                           FigureCase{RatioText, 3900, "over 1,000"},
                                           FigureCase{RatioText, HUGE_VAL, "over 1,000"},
                                           FigureCase{RatioText, kUnknown, "–"}));
INSTANTIATE_TEST_SUITE_P(Others, FigureTest,
                         ::testing::Values(FigureCase{NumberText, -5.9864, "−5.99"},
                                           FigureCase{NumberText, 64, "64"},
                                           FigureCase{NumberText, kUnknown, "–"},
                                           FigureCase{DeviationsText, 0.8, "+0.8\u00a0σ"},
                                           FigureCase{DeviationsText, -12.3, "−12\u00a0σ"},
                                           FigureCase{DeviationsText, kUnknown, "–"}));

TEST(CountTextTest, HasCommasBetweenThousands) {
  EXPECT_EQ(GroupedDigits(0), "0");
  EXPECT_EQ(GroupedDigits(999), "999");
  EXPECT_EQ(GroupedDigits(1437), "1,437");
  EXPECT_EQ(GroupedDigits(-999), "-999");
  EXPECT_EQ(GroupedDigits(-1234567), "-1,234,567");
}

TEST(TimeTextTest, IsInUtcOrADashIfUnknown) {
  const system_clock::time_point time(seconds(1795963650));
  EXPECT_EQ(ClockText(time), "14:47");
  EXPECT_EQ(DateText(time), "2026-11-29 14:47");
  EXPECT_EQ(ClockText({}), "–");
  EXPECT_EQ(DateText({}), "–");
  EXPECT_EQ(AgeText({}, time), "–");
}

TEST(AgeTextTest, ChoosesTheMostSuitableUnit) {
  const system_clock::time_point now(seconds(1795963650));
  EXPECT_EQ(AgeText(now + seconds(5), now), "0\u00a0s") << "clocks are set back";
  EXPECT_EQ(AgeText(now - seconds(59), now), "59\u00a0s");
  EXPECT_EQ(AgeText(now - seconds(60), now), "1\u00a0min");
  EXPECT_EQ(AgeText(now - seconds(3 * 3600 + 5 * 60), now), "3\u00a0h 5\u00a0min");
  EXPECT_EQ(AgeText(now - seconds(25 * 3600), now), "1\u00a0day");
  EXPECT_EQ(AgeText(now - seconds(50 * 3600), now), "2\u00a0days");
}

TEST(RangeOfTest, SkipsUnknownValues) {
  MinuteSeries series = UnknownMinutes();
  EXPECT_FALSE(RangeOf(series).known);
  series[7] = 3;
  series[9] = -1;
  const SeriesRange range = RangeOf(series);
  EXPECT_TRUE(range.known);
  EXPECT_EQ(range.least, -1);
  EXPECT_EQ(range.greatest, 3);
  EXPECT_EQ(range.greatest_at, 7U);
}

}  // namespace
}  // namespace mlp
