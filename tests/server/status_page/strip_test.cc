#include "server/status_page/strip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <ostream>
#include <string>

#include "server/status_page/figures.h"
#include "server/status_page/time_axis.h"

namespace mlp {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct DistanceCase {
  double share;
  double reference;
  int expected;
};

void PrintTo(const DistanceCase& test_case, std::ostream* out) {
  *out << test_case.share << " from " << test_case.reference;
}

class ShareDistanceTest : public ::testing::TestWithParam<DistanceCase> {};

TEST_P(ShareDistanceTest, CountsPointsToEitherSide) {
  EXPECT_EQ(ShareStep(GetParam().share, GetParam().reference), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    All, ShareDistanceTest,
    ::testing::Values(DistanceCase{0.031, 0.031, 0}, DistanceCase{0.045, 0.031, 0},
                      DistanceCase{0.06, 0.031, 1}, DistanceCase{0.41, 0.031, 4},
                      DistanceCase{0.99, 0.031, 5}, DistanceCase{0.001, 0.16, -3},
                      DistanceCase{0.0, 1.0, -5}));

TEST(RatioDistanceTest, IsZeroOnlyBelowOne) {
  EXPECT_EQ(RatioStep(0.99), 0);
  EXPECT_EQ(RatioStep(1.0), 1);
  EXPECT_EQ(RatioStep(6.0), 4);
  EXPECT_EQ(RatioStep(1e9), 5);
}

class StripTest : public ::testing::Test {
 protected:
  StripTest() {
    status_.now = std::chrono::system_clock::time_point(std::chrono::seconds(1795963650));  // 14:47
  }

  std::string Svg(double reference = kUnknown, StripKind kind = StripKind::kShare) const {
    return StripSvg(status_, model_,
                    {.kind = kind, .what = "hidden_1", .series = series_, .reference = reference});
  }

  Status status_;
  StatusModel model_;
  MinuteSeries series_ = UnknownMinutes();
};

TEST_F(StripTest, DescribesWhatItShows) {
  series_[30] = 0.031;
  series_[31] = 0.41;
  series_[33] = 0.2;
  EXPECT_THAT(Svg(0.031),
              AllOf(HasSubstr("role=\"img\""),
                    HasSubstr("aria-label=\"hidden_1 over the last hour: from 3.1\u00a0% "
                              "to 41\u00a0%, highest at 14:19; reference 3.1\u00a0%\"")));
}

TEST_F(StripTest, DescribesAnEmptyStrip) {
  EXPECT_THAT(Svg(),
              AllOf(HasSubstr("over the last hour: nothing known"), Not(HasSubstr("<title>"))));
}

TEST_F(StripTest, JoinsMinutesThatAreEquallyFar) {
  for (std::size_t i = 12; i < 24; ++i) series_[i] = i % 2 == 0 ? 0.25 : 0.27;
  EXPECT_THAT(Svg(0.031),
              HasSubstr("<rect class=\"u4\" x=\"20%\" y=\"2.4\" width=\"20%\" height=\"13.6\">"
                        "<title>14:00–14:11: 25\u00a0% to 27\u00a0%</title>"));
}

TEST_F(StripTest, LeavesUnknownMinutesOut) {
  series_[0] = 0.3;
  series_[2] = 0.3;
  EXPECT_THAT(Svg(0.031), AllOf(HasSubstr("x=\"0%\" y=\"2.4\" width=\"1.667%\""),
                                HasSubstr("x=\"3.333%\" y=\"2.4\" width=\"1.667%\"")));
}

TEST_F(StripTest, ValuesBelowTheReferenceHangFromTheTop) {
  series_[0] = 0.01;
  EXPECT_THAT(Svg(0.5), HasSubstr("<rect class=\"d5\" x=\"0%\" y=\"0\" "));
}

TEST_F(StripTest, ShowsTheSizeWithoutAReference) {
  series_[0] = 0.3;
  EXPECT_THAT(Svg(), HasSubstr("<rect class=\"n4\""));
}

TEST_F(StripTest, ShowsRatiosByWhatTheyMean) {
  series_[0] = 0.9;
  series_[1] = 6.0;
  EXPECT_THAT(Svg(kUnknown, StripKind::kRatio),
              AllOf(HasSubstr("<rect class=\"u0\""), HasSubstr("<rect class=\"u4\""),
                    HasSubstr("from 0.90 to 6.0")));
}

TEST_F(StripTest, HasALineForEachMarkOfTheHour) {
  model_.marks = {{30, "loaded"}, {-1, "before"}, {60, "after"}};
  const std::string svg = Svg();
  EXPECT_THAT(svg, HasSubstr("<line class=\"mark\" x1=\"50%\" x2=\"50%\""));
  EXPECT_EQ(svg.find("<line"), svg.rfind("<line"));
}

TEST_F(StripTest, MarksAreDescribedInWords) {
  model_.marks = {{30, "loaded"}, {40, "hidden_1: drift alarm"}};
  EXPECT_THAT(MarksHtml(status_, model_),
              AllOf(HasSubstr("14:18 loaded"), HasSubstr("▲</span> 14:28 hidden_1: drift alarm")));
  model_.marks.clear();
  EXPECT_EQ(MarksHtml(status_, model_), "");
}

TEST_F(StripTest, TheAxisHasTheQuartersOfAnHour) {
  EXPECT_THAT(TimeAxisSvg(status_, model_),
              AllOf(HasSubstr("x=\"20%\" y=\"21\" text-anchor=\"middle\">14:00<"),
                    HasSubstr(">14:15<"), HasSubstr(">14:30<")));
}

}  // namespace
}  // namespace mlp
