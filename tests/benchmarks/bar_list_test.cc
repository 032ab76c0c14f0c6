#include "benchmarks/bar_list.h"

#include <gtest/gtest.h>

#include <cmath>

namespace mlp {
namespace {

TEST(BarListTest, ReachesABarThatAFigureExactlyMeets) {
  BarList bars;
  bars.AtLeast("speed", 2.5, 2.5);
  bars.AtMost("time", 1.1, 1.1);
  EXPECT_TRUE(bars.all_reached());
}

TEST(BarListTest, FallsShortIfOneOfSeveralDoes) {
  BarList bars;
  bars.AtLeast("speed", 2.4, 2.5);
  bars.AtMost("time", 1.0, 1.1);
  EXPECT_FALSE(bars.all_reached());
  ASSERT_EQ(bars.bars().size(), 2U);
  EXPECT_EQ(bars.bars()[0].verdict, Verdict::kBelowBar);
  EXPECT_EQ(bars.bars()[1].verdict, Verdict::kOk);
}

TEST(BarListTest, PrintsAFigureWithoutJudgingIt) {
  BarList bars;
  bars.set_judges(false);
  bars.AtLeast("speed", 2.4, 2.5);
  EXPECT_EQ(bars.bars().front().verdict, Verdict::kNotJudged);
  EXPECT_TRUE(bars.all_reached());
  bars.set_judges(true);
  bars.AtMost("time", 1.2, 1.1);
  EXPECT_FALSE(bars.all_reached());
}

TEST(BarListTest, FallsShortIfAFigureIsNan) {
  BarList least;
  least.AtLeast("speed", std::nan(""), 2.5);
  EXPECT_FALSE(least.all_reached());
  BarList most;
  most.AtMost("time", std::nan(""), 1.1);
  EXPECT_FALSE(most.all_reached());
}

}  // namespace
}  // namespace mlp
