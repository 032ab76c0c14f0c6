#include "client/watch/figures.h"

#include <gtest/gtest.h>

#include <limits>
#include <ostream>
#include <string>

namespace mlp {
namespace {

struct FigureCase {
  std::string (*text)(double);
  double value;
  const char* expected;
};

const char* NameOfFigure(const FigureCase& test_case) {
  if (test_case.text == TerminalRate) return "rate";
  if (test_case.text == TerminalSeconds) return "seconds";
  if (test_case.text == TerminalShare) return "share";
  return test_case.text == TerminalRatio ? "ratio" : "value";
}

void PrintTo(const FigureCase& test_case, std::ostream* out) {
  *out << NameOfFigure(test_case) << " " << test_case.value;
}

class FiguresTest : public ::testing::TestWithParam<FigureCase> {};

TEST_P(FiguresTest, AreShort) { EXPECT_EQ(GetParam().text(GetParam().value), GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(
    Values, FiguresTest,
    ::testing::Values(
        FigureCase{TerminalRate, kNotKnown, "-"}, FigureCase{TerminalRate, 0, "0"},
        FigureCase{TerminalRate, 0.4167, "0.42"}, FigureCase{TerminalRate, 17, "17.0"},
        FigureCase{TerminalRate, 1204.4, "1,204"}, FigureCase{TerminalRate, 0.001, "1e-03"},
        FigureCase{TerminalRate, std::numeric_limits<double>::infinity(), "inf"},
        FigureCase{TerminalRate, 1e18, "1.00e+18"}, FigureCase{TerminalSeconds, kNotKnown, "-"},
        FigureCase{TerminalSeconds, 0.00041, "410 us"},
        FigureCase{TerminalSeconds, 0.0019, "1.9 ms"}, FigureCase{TerminalSeconds, 2.5, "2.5 s"},
        FigureCase{TerminalSeconds, 0.9999, "1 s"}, FigureCase{TerminalShare, kNotKnown, "-"},
        FigureCase{TerminalShare, 0, "0 %"}, FigureCase{TerminalShare, 0.0312, "3.1 %"},
        FigureCase{TerminalShare, 0.41, "41 %"}, FigureCase{TerminalShare, 1, "100 %"},
        FigureCase{TerminalRatio, 0.573, "0.57"}, FigureCase{TerminalRatio, 11.94, "11.9"},
        FigureCase{TerminalRatio, 3900, "3,900"}, FigureCase{TerminalValue, 12, "12"},
        FigureCase{TerminalValue, 0.984, "0.98"}, FigureCase{TerminalValue, kNotKnown, "-"}));

TEST(FiguresTest, AreShownWithTheirReferenceIfThereIsOne) {
  EXPECT_EQ(BesideReference({0.41, 0.031}, TerminalShare), "41 % (3.1 %)");
  EXPECT_EQ(BesideReference({0.41, kNotKnown}, TerminalShare), "41 %");
  EXPECT_EQ(BesideReference({kNotKnown, 0.031}, TerminalShare), "- (3.1 %)");
}

TEST(FiguresTest, DriftIsColouredByItsLevel) {
  EXPECT_EQ(DriftStyle(kNotKnown), TextStyle::kPlain);
  EXPECT_EQ(DriftStyle(0.5), TextStyle::kGood);
  EXPECT_EQ(DriftStyle(1.0), TextStyle::kWarning);
  EXPECT_EQ(DriftStyle(1.01), TextStyle::kBad);
}

}  // namespace
}  // namespace mlp
