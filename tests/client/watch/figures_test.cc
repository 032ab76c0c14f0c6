#include "client/watch/figures.h"

#include <gtest/gtest.h>

#include <limits>

namespace mlp {
namespace {

struct FigureCase {
  std::string (*text)(double);
  double value;
  const char* expected;
};

class FiguresTest : public ::testing::TestWithParam<FigureCase> {};

TEST_P(FiguresTest, AreShort) { EXPECT_EQ(GetParam().text(GetParam().value), GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(
    Values, FiguresTest,
    ::testing::Values(FigureCase{RateText, kNotKnown, "-"}, FigureCase{RateText, 0, "0"},
                      FigureCase{RateText, 0.4167, "0.42"}, FigureCase{RateText, 17, "17.0"},
                      FigureCase{RateText, 1204.4, "1,204"}, FigureCase{RateText, 0.001, "1e-03"},
                      FigureCase{RateText, std::numeric_limits<double>::infinity(), "inf"},
                      FigureCase{RateText, 1e18, "1.00e+18"},
                      FigureCase{SecondsText, kNotKnown, "-"},
                      FigureCase{SecondsText, 0.00041, "410 us"},
                      FigureCase{SecondsText, 0.0019, "1.9 ms"},
                      FigureCase{SecondsText, 2.5, "2.5 s"}, FigureCase{SecondsText, 0.9999, "1 s"},
                      FigureCase{ShareText, kNotKnown, "-"}, FigureCase{ShareText, 0, "0 %"},
                      FigureCase{ShareText, 0.0312, "3.1 %"}, FigureCase{ShareText, 0.41, "41 %"},
                      FigureCase{ShareText, 1, "100 %"}, FigureCase{RatioText, 0.573, "0.57"},
                      FigureCase{RatioText, 11.94, "11.9"}, FigureCase{RatioText, 3900, "3,900"},
                      FigureCase{ValueText, 12, "12"}, FigureCase{ValueText, 0.984, "0.98"},
                      FigureCase{ValueText, kNotKnown, "-"}));

TEST(FiguresTest, StandBesideTheirReferenceWhereThereIsOne) {
  EXPECT_EQ(BesideReference({0.41, 0.031}, ShareText), "41 % (3.1 %)");
  EXPECT_EQ(BesideReference({0.41, kNotKnown}, ShareText), "41 %");
  EXPECT_EQ(BesideReference({kNotKnown, 0.031}, ShareText), "- (3.1 %)");
}

TEST(FiguresTest, DriftIsColouredByItsLevel) {
  EXPECT_EQ(DriftStyle(kNotKnown), TextStyle::kPlain);
  EXPECT_EQ(DriftStyle(0.5), TextStyle::kGood);
  EXPECT_EQ(DriftStyle(1.0), TextStyle::kWarning);
  EXPECT_EQ(DriftStyle(1.01), TextStyle::kBad);
}

}  // namespace
}  // namespace mlp
