#include "server/observe/judged_window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "server/observe/activity_totals.h"
#include "tests/server/small_network.h"

namespace mlp {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;

using Clock = ActivityTotals::Clock;

constexpr Clock::time_point kWindowStart{};

// Windows of 5,000 rows, or of 60 s with 1,000 rows, for a network of two hidden units and one
// output.
class ActivitySubWindowsTest : public ::testing::Test {
 protected:
  // `rows` rows of activations `a` with slopes of 0.5.
  void Add(std::int64_t rows, double a = 1.0, Clock::time_point now = kWindowStart) {
    NetworkActivity activity = MakeNetworkActivity(*network_);
    for (LayerActivity& layer : activity) {
      layer.rows = rows;
      for (double& sum : layer.unit_values) sum = a * static_cast<double>(rows);
      for (double& sum : layer.unit_slopes) sum = 0.5 * static_cast<double>(rows);
    }
    totals_.Add(rows, activity, now);
  }
  bool Take(Clock::time_point now = kWindowStart) { return totals_.TakeWindow(now, window_); }
  std::vector<std::int64_t> Rows() const {
    std::vector<std::int64_t> rows;
    for (const ActivitySubWindow& sums : window_.sub_windows) rows.push_back(sums.rows);
    return rows;
  }

  const std::shared_ptr<const Network> network_ = std::make_shared<const Network>(SmallNetwork());
  ActivityTotals totals_{network_, {.rows = 5'000, .age = seconds(60)}, kWindowStart};
  FinishedActivityWindow window_;
};

TEST_F(ActivitySubWindowsTest, AreKeptOnlyForAJudge) {
  Add(5'000);
  EXPECT_FALSE(Take());
  totals_.SetJudged(true, kWindowStart);
  Add(4'999);
  EXPECT_FALSE(Take());
  Add(1);
  EXPECT_TRUE(Take());
  EXPECT_FALSE(Take());
  Add(5'000);
  totals_.SetJudged(false, kWindowStart);
  EXPECT_FALSE(Take());
}

TEST_F(ActivitySubWindowsTest, EndAtATenthOfTheWindowsRows) {
  totals_.SetJudged(true, kWindowStart);
  const auto start = std::chrono::system_clock::now();
  for (const std::int64_t rows : {499, 1, 700, 500, 500, 500, 500, 500, 500, 500, 300}) Add(rows);
  ASSERT_TRUE(Take());
  EXPECT_THAT(Rows(), ElementsAre(500, 700, 500, 500, 500, 500, 500, 500, 500, 300));
  EXPECT_GE(window_.end, start);
}

TEST_F(ActivitySubWindowsTest, EndAtATenthOfTheWindowsAgeWithATenthOfItsFewestRows) {
  totals_.SetJudged(true, kWindowStart);
  Add(99, 1.0, kWindowStart + seconds(6));
  Add(1, 1.0, kWindowStart + seconds(7));
  Add(200, 1.0, kWindowStart + seconds(12));  // five seconds into the next
  Add(200, 1.0, kWindowStart + seconds(13));
  Add(600, 1.0, kWindowStart + seconds(20));
  EXPECT_FALSE(Take(kWindowStart + seconds(59)));
  ASSERT_TRUE(Take(kWindowStart + seconds(60)));
  EXPECT_THAT(Rows(), ElementsAre(100, 400, 600, 0, 0, 0, 0, 0, 0, 0));
}

TEST_F(ActivitySubWindowsTest, HaveTheSumsOfEachUnit) {
  totals_.SetJudged(true, kWindowStart);
  NetworkActivity activity = MakeNetworkActivity(*network_);
  activity.front().unit_values = {10.0, -20.0};
  activity.front().unit_slopes = {1.0, 2.0};
  activity.front().unit_non_finite = {0, 3};
  activity.front().non_finite = 3;
  activity.back().unit_values = {7.0};
  for (const std::int64_t rows : {400, 200, 4'400}) totals_.Add(rows, activity, kWindowStart);
  ASSERT_TRUE(Take());
  ASSERT_THAT(Rows(), ElementsAre(600, 4'400, 0, 0, 0, 0, 0, 0, 0, 0));
  const UnitSums& hidden = window_.sub_windows.front().layers.front();
  EXPECT_THAT(hidden.values, ElementsAre(20.0, -40.0));
  EXPECT_THAT(hidden.slopes, ElementsAre(2.0, 4.0));
  EXPECT_THAT(hidden.non_finite, ElementsAre(0, 6));
  EXPECT_THAT(window_.sub_windows.front().layers.back().values, ElementsAre(14.0));
  EXPECT_THAT(window_.sub_windows[1].layers.front().values, ElementsAre(10.0, -20.0));
}

// A judge that is late judges the latest rows, in windows no longer than usual.
TEST_F(ActivitySubWindowsTest, ReplaceAWaitingWindow) {
  totals_.SetJudged(true, kWindowStart);
  for (const double a : {1.0, 2.0, 3.0}) {
    for (int batch = 0; batch < 10; ++batch) Add(500, a);
  }
  Add(500, 4.0);
  ASSERT_TRUE(Take());
  EXPECT_THAT(Rows(), ElementsAre(500, 500, 500, 500, 500, 500, 500, 500, 500, 500));
  EXPECT_THAT(window_.sub_windows.back().layers.front().values, ElementsAre(1500.0, 1500.0));
  EXPECT_FALSE(Take());
  for (int batch = 0; batch < 9; ++batch) Add(500, 4.0);
  ASSERT_TRUE(Take());
  EXPECT_THAT(Rows(), ElementsAre(500, 500, 500, 500, 500, 500, 500, 500, 500, 500));
  EXPECT_THAT(window_.sub_windows.front().layers.front().values, ElementsAre(2000.0, 2000.0));
}

TEST_F(ActivitySubWindowsTest, BeginAtZeroInReusedMemory) {
  totals_.SetJudged(true, kWindowStart);
  for (int round = 0; round < 4; ++round) {
    Add(5'000, round);
    ASSERT_TRUE(Take());
    EXPECT_THAT(Rows(), ElementsAre(5'000, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    EXPECT_THAT(window_.sub_windows.front().layers.front().values,
                ElementsAre(5'000.0 * round, 5'000.0 * round));
    EXPECT_THAT(window_.sub_windows[1].layers.front().slopes, ElementsAre(0.0, 0.0));
  }
}

}  // namespace
}  // namespace mlp
