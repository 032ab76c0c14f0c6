#include "client/progress_bar.h"

#include <gtest/gtest.h>

#include <limits>
#include <sstream>

namespace mlp {
namespace {

TEST(ProgressBarTest, ShowsTheShareAsABarAndAsAFigure) {
  EXPECT_EQ(ProgressBar::Line("sending rows", 0.0),
            "sending rows                                   0 %");
  EXPECT_EQ(ProgressBar::Line("sending rows", 0.5),
            "sending rows  ███████████████                 50 %");
  EXPECT_EQ(ProgressBar::Line("sending rows", 1.0),
            "sending rows  ██████████████████████████████ 100 %");
  EXPECT_EQ(ProgressBar::Line("x", 7.0), ProgressBar::Line("x", 1.0));
}

TEST(ProgressBarTest, WritesNothingWithoutATerminal) {
  std::ostringstream out;
  {
    ProgressBar bar(out);
    bar.Show("sending rows", 0.5);
  }
  EXPECT_EQ(out.str(), "");
}

}  // namespace
}  // namespace mlp
