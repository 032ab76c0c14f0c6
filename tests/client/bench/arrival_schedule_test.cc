#include "client/bench/arrival_schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace mlp {
namespace {

std::vector<double> Gaps(double rate, int count) {
  ArrivalSchedule schedule(rate, /*seed=*/1);
  std::vector<double> gaps;
  double last_due = 0.0;
  for (int i = 0; i < count; ++i) {
    const double due = std::chrono::duration<double>(schedule.next()).count();
    gaps.push_back(due - last_due);
    last_due = due;
    schedule.Pop();
  }
  return gaps;
}

TEST(ArrivalScheduleTest, NeverGoesBack) {
  for (const double gap : Gaps(1e6, 10'000)) EXPECT_GE(gap, 0.0);
}

// With a fixed seed, this either always holds or never does.
TEST(ArrivalScheduleTest, HasExponentialGapsOfTheRate) {
  constexpr int kCount = 100'000;
  for (const double rate : {0.5, 1000.0, 250'000.0}) {
    double sum = 0.0;
    double squares = 0.0;
    int longer_than_mean = 0;
    for (const double gap : Gaps(rate, kCount)) {
      sum += gap * rate;
      squares += gap * rate * gap * rate;
      longer_than_mean += gap * rate > 1.0 ? 1 : 0;
    }
    const double mean = sum / kCount;
    EXPECT_NEAR(mean, 1.0, 0.02) << rate;
    EXPECT_NEAR(squares / kCount - mean * mean, 1.0, 0.05) << rate;
    EXPECT_NEAR(longer_than_mean / double{kCount}, std::exp(-1.0), 0.01) << rate;
  }
}

TEST(ArrivalScheduleTest, IsTheSameOnlyForTheSameSeed) {
  ArrivalSchedule first(1000.0, 5);
  ArrivalSchedule same(1000.0, 5);
  ArrivalSchedule other(1000.0, 6);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(first.next(), same.next());
    EXPECT_NE(first.next(), other.next());
    first.Pop();
    same.Pop();
    other.Pop();
  }
}

}  // namespace
}  // namespace mlp
