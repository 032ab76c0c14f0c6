#include "client/picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(PictureTest, ShadesFromTheSmallestToTheLargest) {
  EXPECT_THAT(DrawPicture({0, 1, 0.5f, 0}).value(), ElementsAre("  @@", "++  "));
  EXPECT_THAT(DrawPicture({0, 16, 8, 0}).value(), ElementsAre("  @@", "++  "));
  EXPECT_THAT(DrawPicture({-1, 1, 0, -1}).value(), ElementsAre("  @@", "++  "));
  EXPECT_THAT(DrawPicture({0, 0, 0, 0}).value(), ElementsAre("    ", "    "));
}

TEST(PictureTest, ShowsNumbersThatAreNotFinite) {
  EXPECT_THAT(DrawPicture({NAN, INFINITY, -INFINITY, 1}).value(), ElementsAre("\?\?@@", "  @@"));
}

TEST(PictureTest, RefusesRowsThatAreNotSquare) {
  EXPECT_FALSE(DrawPicture({}).ok());
  EXPECT_FALSE(DrawPicture(std::vector<float>(63)).ok());
  EXPECT_TRUE(DrawPicture(std::vector<float>(std::size_t{64} * 64)).ok());
  EXPECT_FALSE(DrawPicture(std::vector<float>(std::size_t{65} * 65)).ok());
}

TEST(PictureTest, DrawsProbabilitiesInPerCent) {
  EXPECT_THAT(DrawBars({0.25f, 0.75f, 0.0f}, 0),
              ElementsAre("0 |########                      |  25.0 %  <- label",
                          "1 |#######################       |  75.0 %  <- answer",
                          "2 |                              |   0.0 %"));
  EXPECT_THAT(DrawBars({1.0f}, -1),
              ElementsAre("0 |##############################| 100.0 %  <- answer"));
}

TEST(PictureTest, DrawsOtherScoresBetweenTheirEnds) {
  EXPECT_THAT(DrawBars({-2, 2, 0, NAN}, 1),
              ElementsAre("0 |                              |        -2",
                          "1 |##############################|         2  <- answer  <- label",
                          "2 |###############               |         0",
                          "3 |                              |       nan"));
  EXPECT_EQ(DrawBars({3, 3}, -1).size(), 2);
}

TEST(PictureTest, DrawsTheTenHighestOfManyClasses) {
  std::vector<float> scores(1000, 0.0f);
  scores[7] = NAN;
  scores[998] = 5;
  scores[42] = 4;
  const std::vector<std::string> bars = DrawBars(scores, 42);
  ASSERT_EQ(bars.size(), 10);
  EXPECT_THAT(bars[0], HasSubstr("998 |#"));
  EXPECT_THAT(bars[1], HasSubstr(" 42 |#"));
  EXPECT_THAT(bars[1], HasSubstr("<- label"));
  EXPECT_THAT(bars[2], HasSubstr("  0 | "));
}

TEST(PictureTest, CentresTheLowerBlock) {
  EXPECT_EQ(SideBySide({"ab"}, {"1", "2", "3"}), "        1\n  ab    2\n        3\n");
  EXPECT_EQ(SideBySide({"a", "b", "c"}, {"1"}), "  a\n  b    1\n  c\n");
}

}  // namespace
}  // namespace mlp
