#include "client/text.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace mlp {
namespace {

TEST(TextTest, WritesControlCharactersOut) {
  EXPECT_EQ(Printable("digits-relu"), "digits-relu");
  EXPECT_EQ(Printable("Größe → 'x\\y'"), "Größe → 'x\\y'");
  EXPECT_EQ(Printable("a\nb\tc\r"), "a\\nb\\tc\\x0d");
  EXPECT_EQ(Printable("\x1b[2J\x7f"), "\\x1b[2J\\x7f");
  EXPECT_EQ(Printable("\xc2\x9b"
                      "2J"),
            "\\x9b2J");  // U+009B, which begins a sequence too
  EXPECT_EQ(Printable("\xc2"), "\xc2");
  EXPECT_EQ(Printable(absl::string_view("a\0b", 3)), "a\\x00b");
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
