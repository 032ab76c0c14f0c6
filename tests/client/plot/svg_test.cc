#include "client/plot/svg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(SvgTest, EscapesMarkup) {
  EXPECT_EQ(SvgText(1, 2, " fill=\"red\"", "a < b & c > d"),
            "<text x=\"1.0\" y=\"2.0\" fill=\"red\">a &lt; b &amp; c &gt; d</text>\n");
  EXPECT_THAT(SvgPicture(10, 20, "<script>", ""), HasSubstr("<title>&lt;script&gt;</title>"));
}

TEST(SvgTest, MakesAPictureOfItsSize) {
  EXPECT_THAT(SvgPicture(10, 20, "t", "content"),
              StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"20\""));
}

TEST(SvgTest, StepsByOneTwoOrFive) {
  const struct {
    double length;
    double step;
  } cases[] = {{10.0, 1.0}, {11.0, 2.0},  {20.0, 2.0}, {21.0, 5.0},
               {50.0, 5.0}, {51.0, 10.0}, {0.4, 0.05}, {123'456.0, 20'000.0}};
  for (const auto& [length, step] : cases) EXPECT_NEAR(TickStep(length), step, 1e-9) << length;
}

}  // namespace
}  // namespace mlp
