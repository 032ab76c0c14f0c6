#include "server/rpc/infer_service.h"

#include <gtest/gtest.h>

#include <limits>

namespace mlp {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr Clock::time_point kCallTime{hours(100)};

gpr_timespec In(std::int64_t seconds_from_now, gpr_clock_type clock = GPR_CLOCK_MONOTONIC) {
  return gpr_time_add(gpr_now(clock), gpr_time_from_seconds(seconds_from_now, GPR_TIMESPAN));
}

TEST(SteadyTimeTest, IsAsFarAwayAsTheDeadline) {
  for (const gpr_clock_type clock : {GPR_CLOCK_MONOTONIC, GPR_CLOCK_REALTIME}) {
    EXPECT_NEAR((SteadyTime(In(3600, clock), kCallTime) - kCallTime) / seconds(1), 3600, 1);
    EXPECT_NEAR((SteadyTime(In(-5, clock), kCallTime) - kCallTime) / seconds(1), -5, 1);
  }
}

TEST(SteadyTimeTest, IsInfiniteWithoutADeadline) {
  EXPECT_EQ(SteadyTime(gpr_inf_future(GPR_CLOCK_MONOTONIC), kCallTime), Clock::time_point::max());
  EXPECT_EQ(SteadyTime(gpr_inf_future(GPR_CLOCK_REALTIME), kCallTime), Clock::time_point::max());
}

// grpc-timeout has at most eight digits and an H: 11,415 years.
TEST(SteadyTimeTest, IsAtMostAYearAway) {
  for (const std::int64_t away : {std::int64_t{2'600'000}, std::int64_t{99'999'999},
                                  std::numeric_limits<std::int64_t>::max() / 7200}) {
    const auto time = SteadyTime(In(away * 3600), kCallTime);
    EXPECT_GE(time, kCallTime + hours(24 * 365)) << away << " hours";
    EXPECT_LT(time, kCallTime + hours(24 * 366)) << away << " hours";
  }
}

}  // namespace
}  // namespace mlp
