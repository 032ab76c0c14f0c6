#include "client/utf32.h"

#include <gtest/gtest.h>

#include <string>

namespace mlp {
namespace {

std::string Back(const std::u32string& text) {
  std::string utf8;
  for (const char32_t character : text) EXPECT_TRUE(AppendUtf8(character, utf8));
  return utf8;
}

TEST(Utf32Test, ConvertsThereAndBackWithoutLoss) {
  for (const std::string text : {"", "abc", "\x7f\xc2\x80", "é", "\xdf\xbf\xe0\xa0\x80", "日本",
                                 "\xef\xbf\xbf\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_EQ(Back(FromUtf8(text)), text);
  }
  EXPECT_EQ(FromUtf8("aé日"), U"aé日");
}

TEST(Utf32Test, ReplacesInvalidUtf8) {
  for (const std::string text : {"\x80", "\xc0\x80", "\xc1", "\xe0\x80\x80", "\xed\xa0\x80",
                                 "\xf4\x90\x80\x80", "\xf8", "\xff", "\xe6\x97", "\xf0\x9f"}) {
    EXPECT_EQ(FromUtf8(text), std::u32string(text.size(), U'\xfffd')) << text.size();
  }
  EXPECT_EQ(FromUtf8("a\xff\xc3\xa9"), U"a\xfffdé");
}

TEST(Utf32Test, RefusesInvalidCharacters) {
  std::string text;
  EXPECT_FALSE(AppendUtf8(0xD800, text));
  EXPECT_FALSE(AppendUtf8(0x110000, text));
}

}  // namespace
}  // namespace mlp
