#include "model/utf8.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace mlp {
namespace {

struct Utf8Case {
  const char* name;
  std::string text;
  bool expected;
};

void PrintTo(const Utf8Case& value, std::ostream* stream) { *stream << value.name; }

class Utf8Test : public ::testing::TestWithParam<Utf8Case> {};

TEST_P(Utf8Test, IsDistinguishedFromOtherBytes) {
  EXPECT_EQ(IsUtf8(GetParam().text), GetParam().expected);
  // A valid text in front does not change the result.
  EXPECT_EQ(IsUtf8("\xC3\xA9" + GetParam().text), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(EdgesOfEachLength, Utf8Test,
                         ::testing::Values(Utf8Case{"Empty", "", true},
                                           Utf8Case{"Ascii", "logits", true},
                                           Utf8Case{"Nul", std::string(1, '\0'), true},
                                           Utf8Case{"FirstOfTwo", "\xC2\x80", true},
                                           Utf8Case{"LastOfTwo", "\xDF\xBF", true},
                                           Utf8Case{"OverlongTwo", "\xC1\xBF", false},
                                           Utf8Case{"FirstOfThree", "\xE0\xA0\x80", true},
                                           Utf8Case{"OverlongThree", "\xE0\x9F\xBF", false},
                                           Utf8Case{"BeforeSurrogates", "\xED\x9F\xBF", true},
                                           Utf8Case{"FirstSurrogate", "\xED\xA0\x80", false},
                                           Utf8Case{"BehindSurrogates", "\xEE\x80\x80", true},
                                           Utf8Case{"LastOfThree", "\xEF\xBF\xBF", true},
                                           Utf8Case{"FirstOfFour", "\xF0\x90\x80\x80", true},
                                           Utf8Case{"OverlongFour", "\xF0\x8F\xBF\xBF", false},
                                           Utf8Case{"LastOfAll", "\xF4\x8F\xBF\xBF", true},
                                           Utf8Case{"BeyondUnicode", "\xF4\x90\x80\x80", false},
                                           Utf8Case{"NoLeadingByte", "\xF5\x80\x80\x80", false},
                                           Utf8Case{"FollowingByteAlone", "\x80", false},
                                           Utf8Case{"CutOfTwo", "\xC3", false},
                                           Utf8Case{"CutOfThree", "\xE2\x82", false},
                                           Utf8Case{"CutOfFour", "\xF0\x9F\x98", false},
                                           Utf8Case{"ThirdByteWrong", "\xE2\x82\x41", false},
                                           Utf8Case{"FourthByteWrong", "\xF0\x9F\x98\xC0", false}),
                         [](const auto& text) { return std::string(text.param.name); });

}  // namespace
}  // namespace mlp
