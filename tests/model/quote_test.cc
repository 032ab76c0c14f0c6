#include "model/quote.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

namespace mlp {
namespace {

struct QuoteCase {
  const char* name;
  std::string text;
  std::string expected;
};

void PrintTo(const QuoteCase& value, std::ostream* stream) { *stream << value.name; }

class QuoteTest : public ::testing::TestWithParam<QuoteCase> {};

TEST_P(QuoteTest, MakesOneShortPrintableLine) {
  EXPECT_EQ(Quote(GetParam().text), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    All, QuoteTest,
    ::testing::Values(
        QuoteCase{"Empty", "", "''"}, QuoteCase{"Plain", "pixels", "'pixels'"},
        QuoteCase{"LineBreak", "a\nb", R"('a\nb')"},
        QuoteCase{"Quotes", R"(it's "x")", R"('it\'s \"x\"')"},
        QuoteCase{"Backslash", R"(a\b)", R"('a\\b')"},
        QuoteCase{"Nul", std::string("a\0b", 3), R"('a\x00\x62')"},
        QuoteCase{"TerminalEscape", "\x1B[2J", R"('\x1b[2J')"},
        QuoteCase{"BeyondAscii", "\xC3\xA9", R"('\xc3\xa9')"},
        QuoteCase{"LongestWhole", std::string(64, 'n'), "'" + std::string(64, 'n') + "'"},
        QuoteCase{"ShortestCut", std::string(65, 'n'), "'" + std::string(64, 'n') + "...'"},
        QuoteCase{"HundredKilobytes", std::string(100'000, 'n'),
                  "'" + std::string(64, 'n') + "...'"}),
    [](const auto& text) { return std::string(text.param.name); });

struct ShapeTextCase {
  std::vector<std::int64_t> shape;
  const char* expected;
};

TEST(ShapeTextTest, IsWrittenAsUsersOfTheProtocolWriteIt) {
  for (const auto& [shape, expected] : std::vector<ShapeTextCase>{
           {{}, "[]"},
           {{7}, "[7]"},
           {{-1, 64}, "[-1,64]"},
           {{0, std::numeric_limits<std::int64_t>::min()}, "[0,-9223372036854775808]"},
           {{1, 2, 3, 4, 5, 6, 7, 8}, "[1,2,3,4,5,6,7,8]"},
           {{1, 2, 3, 4, 5, 6, 7, 8, 9}, "[1,2,3,4,5,6,7,8,...]"}}) {
    EXPECT_EQ(ShapeText(shape), expected);
  }
}

}  // namespace
}  // namespace mlp
