#include "client/text.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace mlp {
namespace {

TEST(TextTest, EscapesControlCharacters) {
  EXPECT_EQ(Printable("digits-relu"), "digits-relu");
  EXPECT_EQ(Printable("Größe → 'x\\y'"), "Größe → 'x\\y'");
  EXPECT_EQ(Printable("a\nb\tc\r"), "a\\nb\\tc\\x0d");
  EXPECT_EQ(Printable("\x1b[2J\x7f"), "\\x1b[2J\\x7f");
  EXPECT_EQ(Printable("\xc2\x9b"
                      "2J"),
            "\\x9b2J");                       // U+009B, which also begins a sequence
  EXPECT_EQ(Printable("\xc2\x85"), "\\x85");  // NEL, next line, of ISO 6429
  EXPECT_EQ(Printable(absl::string_view("a\0b", 3)), "a\\x00b");
}

TEST(TextTest, EscapesInvalidUtf8) {
  EXPECT_EQ(Printable("\xc2"), "\\xc2");
  EXPECT_EQ(Printable("a\xff\xfe z"), "a\\xff\\xfe z");
  EXPECT_EQ(Printable("\xc0\xaf"), "\\xc0\\xaf");           // an overlong encoding of a slash
  EXPECT_EQ(Printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // half a surrogate pair
  EXPECT_EQ(Printable("\xe2\x82"), "\\xe2\\x82");
}

// Text that reads otherwise than it is written, as in CVE-2021-42574.
TEST(TextTest, EscapesCharactersThatTurnOrHideText) {
  EXPECT_EQ(Printable("gpj.\u202Eexe"), "gpj.\\u202eexe");
  for (const char* character : {"\u200B", "\u200E", "\u200F", "\u061C", "\u2028", "\u2066",
                                "\u2069", "\uFEFF", "\u00AD", "\U000E0041"}) {
    const std::string shown = Printable(std::string("a") + character + "b");
    EXPECT_EQ(shown.substr(0, 2), "a\\") << shown;
    for (const char byte : shown) EXPECT_GT(byte, 0) << shown;
  }
  EXPECT_EQ(Printable("\U000E0041"), "\\U000e0041");
  // Right-to-left scripts and other characters beyond ASCII are names like any other.
  for (const char* name : {"שלום", "مرحبا", "数字", "été", "π → ∞", "\U0001F600"}) {
    EXPECT_EQ(Printable(name), name);
  }
}

TEST(TextTest, PadsByCharacters) {
  EXPECT_EQ(DisplayWidth("Größe"), 5);
  EXPECT_EQ(PadRight("Größe", 7), "Größe  ");
  EXPECT_EQ(PadLeft("Größe", 7), "  Größe");
  EXPECT_EQ(PadLeft("long", 2), "long");
}

TEST(TextTest, FormatsShapesAndCounts) {
  EXPECT_EQ(FormatShape({-1, 64}), "[-1,64]");
  EXPECT_EQ(FormatShape({}), "[]");
  EXPECT_EQ(FormatCount(0), "0");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(1000), "1,000");
  EXPECT_EQ(FormatCount(-123456), "-123,456");
  EXPECT_EQ(FormatCount(INT64_MIN), "-9,223,372,036,854,775,808");
}

}  // namespace
}  // namespace mlp
