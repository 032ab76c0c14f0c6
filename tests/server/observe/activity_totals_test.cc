#include "server/observe/activity_totals.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <memory>
#include <thread>

#include "tests/server/small_network.h"

namespace mlp {
namespace {

using Clock = ActivityTotals::Clock;
using std::chrono::seconds;

constexpr Clock::time_point kStart{};

// The activity of `rows` rows in which every activation is `a` with the slope `slope`. The first
// `dead` hidden units are in the lower tail on every row.
NetworkActivity Rows(const Network& network, std::int64_t rows, int dead = 0, double a = 1.0,
                     double slope = 0.5) {
  NetworkActivity activity = MakeNetworkActivity(network);
  for (LayerActivity& layer : activity) {
    layer.rows = rows;
    for (double& sum : layer.unit_values) sum = a * static_cast<double>(rows);
    for (double& sum : layer.unit_slopes) sum = slope * static_cast<double>(rows);
    layer.sum_of_squares = a * layer.Sum();
  }
  for (int unit = 0; unit < dead; ++unit) {
    activity.front().unit_lower_tail[static_cast<std::size_t>(unit)] = rows;
  }
  return activity;
}

class ActivityTotalsTest : public ::testing::Test {
 protected:
  void Add(std::int64_t rows, Clock::time_point now = kStart, int dead = 0) {
    totals_.Add(rows, Rows(*network_, rows, dead), now);
  }
  LayerSummary Hidden(Clock::time_point now = kStart) { return totals_.Read(now).layers.front(); }
  bool HasWindow(Clock::time_point now = kStart) { return Hidden(now).window.has_value(); }

  const std::shared_ptr<const Network> network_ = std::make_shared<const Network>(SmallNetwork());
  ActivityTotals totals_{network_, {.rows = 5'000, .age = seconds(60)}, kStart};
};

TEST_F(ActivityTotalsTest, StartsAtZeroAndWithoutAWindow) {
  const ActivitySummary summary = totals_.Read(kStart + seconds(3600));
  EXPECT_EQ(summary.rows, 0);
  ASSERT_EQ(summary.layers.size(), 2U);
  for (const LayerSummary& layer : summary.layers) {
    EXPECT_EQ(layer.counts.activations, 0);
    EXPECT_FALSE(layer.window.has_value());
  }
}

TEST_F(ActivityTotalsTest, CountsSinceTheStartOverAllWindows) {
  NetworkActivity activity = Rows(*network_, 3'000);
  activity.front().unit_lower_tail = {10, 20};
  activity.front().unit_upper_tail = {1, 2};
  activity.front().non_finite = 5;
  for (int batch = 0; batch < 4; ++batch) totals_.Add(3'000, activity, kStart);
  EXPECT_EQ(totals_.Read(kStart).rows, 12'000);
  const LayerCounts counts = Hidden().counts;
  EXPECT_EQ(counts.activations, 4 * 3'000 * 2);
  EXPECT_EQ(counts.lower_tail, 4 * 30);
  EXPECT_EQ(counts.upper_tail, 4 * 3);
  EXPECT_EQ(counts.non_finite, 4 * 5);
  EXPECT_EQ(totals_.Read(kStart).layers.back().counts.activations, 12'000);
}

TEST_F(ActivityTotalsTest, EndsAWindowWithItsLastRow) {
  Add(4'999);
  EXPECT_FALSE(HasWindow());
  Add(1);
  EXPECT_TRUE(HasWindow());
}

struct AgeCase {
  std::int64_t rows;
  int age_seconds;
  bool ended;
};

void PrintTo(const AgeCase& age, std::ostream* out) {
  *out << age.rows << " rows after " << age.age_seconds << " s";
}

class WindowAgeTest : public ActivityTotalsTest, public ::testing::WithParamInterface<AgeCase> {};

TEST_P(WindowAgeTest, EndsAnOldWindowWithEnoughRows) {
  const auto [rows, age_seconds, ended] = GetParam();
  Add(rows, kStart);
  EXPECT_EQ(HasWindow(kStart + seconds(age_seconds)), ended) << "at a scrape";
  Add(0, kStart + seconds(age_seconds));
  EXPECT_EQ(HasWindow(kStart), ended) << "at a batch";
}

INSTANTIATE_TEST_SUITE_P(All, WindowAgeTest,
                         ::testing::Values(AgeCase{1'000, 59, false}, AgeCase{1'000, 60, true},
                                           AgeCase{999, 60, false}, AgeCase{999, 86'400, false},
                                           AgeCase{4'999, 59, false}, AgeCase{4'999, 61, true}));

TEST_F(ActivityTotalsTest, CountsTheAgeFromTheLastWindowsEnd) {
  Add(5'000, kStart + seconds(50));
  Add(2'000, kStart + seconds(51), /*dead=*/2);
  EXPECT_EQ(Hidden(kStart + seconds(109)).window->dead_units, 0);
  EXPECT_EQ(Hidden(kStart + seconds(110)).window->dead_units, 2);
}

TEST_F(ActivityTotalsTest, KeepsTheLastFullWindowUntilTheNext) {
  Add(5'000, kStart, /*dead=*/1);
  Add(4'999, kStart, /*dead=*/2);
  EXPECT_EQ(Hidden().window->dead_units, 1);
  Add(1, kStart, /*dead=*/2);
  EXPECT_EQ(Hidden().window->dead_units, 2);
}

TEST_F(ActivityTotalsTest, ReportsOnlyUnitsInOneTailOnEveryRowOfTheWindowAsDead) {
  NetworkActivity activity = Rows(*network_, 4'999);
  // Unit 0 changes its tail, and unit 1 leaves its tail on the last row.
  activity.front().unit_lower_tail = {4'998, 4'999};
  activity.front().unit_upper_tail = {1, 0};
  totals_.Add(4'999, activity, kStart);
  Add(1, kStart, /*dead=*/1);
  EXPECT_EQ(Hidden().window->dead_units, 0);
  activity.front().unit_lower_tail = {0, 4'999};
  activity.front().unit_upper_tail = {4'999, 0};
  totals_.Add(4'999, activity, kStart);
  NetworkActivity last = Rows(*network_, 1);
  last.front().unit_upper_tail = {1, 0};
  last.front().unit_lower_tail = {0, 1};
  totals_.Add(1, last, kStart);
  EXPECT_EQ(Hidden().window->dead_units, 2);
}

struct FigureCase {
  const char* name;
  double sum;  // over the 5,000 rows of two units
  double sum_of_squares;
  double sum_of_slopes;
  std::int64_t non_finite;
  double mean;
  double zero_centredness;
  double gradient_gain;
};

void PrintTo(const FigureCase& figures, std::ostream* out) { *out << figures.name; }

class FiguresTest : public ActivityTotalsTest, public ::testing::WithParamInterface<FigureCase> {};

TEST_P(FiguresTest, AreMeansOverTheFiniteActivationsOfTheWindow) {
  const FigureCase& expected = GetParam();
  NetworkActivity activity = Rows(*network_, 5'000);
  activity.front().unit_values = {expected.sum, 0.0};
  activity.front().sum_of_squares = expected.sum_of_squares;
  activity.front().unit_slopes = {expected.sum_of_slopes, 0.0};
  activity.front().non_finite = expected.non_finite;
  totals_.Add(5'000, activity, kStart);
  const LayerFigures figures = Hidden().window.value();
  const auto expect_equal = [](double actual, double wanted) {
    if (std::isnan(wanted)) {
      EXPECT_TRUE(std::isnan(actual)) << actual;
    } else {
      EXPECT_DOUBLE_EQ(actual, wanted);
    }
  };
  expect_equal(figures.mean, expected.mean);
  expect_equal(figures.zero_centredness, expected.zero_centredness);
  expect_equal(figures.gradient_gain, expected.gradient_gain);
}

INSTANTIATE_TEST_SUITE_P(
    All, FiguresTest,
    ::testing::Values(FigureCase{"Centred", 0, 10'000, 10'000, 0, 0.0, 0.0, 1.0},
                      FigureCase{"OneSigned", -20'000, 40'000, 100, 0, -2.0, 1.0, 0.01},
                      FigureCase{"InBetween", 5'000, 10'000, 2'500, 0, 0.5, 0.5, 0.25},
                      FigureCase{"AllZero", 0, 0, 0, 0, 0.0, 0.0, 0.0},
                      FigureCase{"HalfFinite", 5'000, 5'000, 2'500, 5'000, 1.0, 1.0, 0.5},
                      FigureCase{"NoneFinite", 0, 0, 0, 10'000, NAN, NAN, NAN}),
    [](const auto& param) { return std::string(param.param.name); });

TEST_F(ActivityTotalsTest, NeverReportsZeroCentrednessAboveOne) {
  // For some values, the rounded mean of equal values is slightly above their rounded rms.
  for (int hundredths = 10; hundredths < 100; ++hundredths) {
    const double a = hundredths / 100.0;
    totals_.Add(5'000, Rows(*network_, 5'000, 0, a), kStart);
    EXPECT_LE(Hidden().window->zero_centredness, 1.0) << a;
    EXPECT_NEAR(Hidden().window->zero_centredness, 1.0, 1e-12) << a;
  }
}

TEST(ActivityTotalsSoftmaxTest, CountsRowsButNoActivationsOfALayerThatIsNotElementWise) {
  const auto network = std::make_shared<const Network>(
      SmallNetwork(ActivationKind::kRelu, ActivationKind::kSoftmax));
  ActivityTotals totals(network, {}, kStart);
  NetworkActivity activity = Rows(*network, 20'000);
  activity.back().Reset(1);  // as the evaluator leaves it for softmax
  totals.Add(20'000, activity, kStart);
  EXPECT_EQ(totals.Read(kStart).rows, 20'000);
  EXPECT_EQ(totals.Read(kStart).layers.back().counts.activations, 0);
}

TEST_F(ActivityTotalsTest, ReportsUnitsThatChangeSignOnNoRowOfTheWindowAsOneSigned) {
  NetworkActivity activity = Rows(*network_, 4'999);
  activity.front().unit_negative = {4'999, 0};
  NetworkActivity last = Rows(*network_, 1);
  last.front().unit_negative = {1, 1};
  totals_.Add(4'999, activity, kStart);
  totals_.Add(1, last, kStart);
  EXPECT_EQ(Hidden().window->one_signed_units, 1);
}

// A scrape under load must not show rows without their activations.
TEST_F(ActivityTotalsTest, ShowsRowsAndActivationsAfterTheSameBatches) {
  constexpr int kBatches = 2'000;
  const auto add = [this] {
    const NetworkActivity activity = Rows(*network_, 7);
    for (int batch = 0; batch < kBatches; ++batch) totals_.Add(7, activity, kStart);
  };
  std::array<std::thread, 3> adders = {std::thread(add), std::thread(add), std::thread(add)};
  for (int scrape = 0; scrape < 1'000; ++scrape) {
    const ActivitySummary summary = totals_.Read(kStart);
    ASSERT_EQ(summary.layers.front().counts.activations, 2 * summary.rows);
    ASSERT_EQ(summary.layers.back().counts.activations, summary.rows);
  }
  for (std::thread& adder : adders) adder.join();
  EXPECT_EQ(totals_.Read(kStart).rows, 3 * 7 * kBatches);
}

}  // namespace
}  // namespace mlp
