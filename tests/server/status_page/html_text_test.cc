#include "server/status_page/html_text.h"

#include <gtest/gtest.h>

#include <string>

namespace mlp {
namespace {

struct TextCase {
  const char* name;
  std::string text;
  std::string expected;
};

void PrintTo(const TextCase& text, std::ostream* out) { *out << text.name; }

class HtmlTextTest : public ::testing::TestWithParam<TextCase> {};

TEST_P(HtmlTextTest, IsEscaped) { EXPECT_EQ(HtmlText(GetParam().text), GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(
    All, HtmlTextTest,
    ::testing::Values(TextCase{"Plain", "digits-tanh 1", "digits-tanh 1"},
                      TextCase{"Empty", "", ""},
                      TextCase{"Markup", "<b a=\"1\" c='2'>&amp;",
                               "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;amp;"},
                      TextCase{"Letters", "größe 数 🦀", "größe 数 🦀"},
                      TextCase{"Zero", std::string("a\0b", 3), "a�b"},
                      TextCase{"LineEnd", "a\nb\tc\x7f", "a�b�c�"},
                      TextCase{"NoUtf8",
                               "a\xff"
                               "b\xc3",
                               "a�b�"},
                      TextCase{"Overlong", "\xc0\xbc", "��"},
                      TextCase{"OverlongOfThree", "\xe0\x80\xbc", "���"},
                      TextCase{"Surrogate", "\xed\xa0\x80", "���"},
                      TextCase{"BeyondUnicode", "\xf4\x90\x80\x80", "����"},
                      TextCase{"TurnsDirection", "a\u202eb\u2066c\u200fd", "a�b�c�d"},
                      TextCase{"AsLongAsMayBe", std::string(200, 'x'), std::string(200, 'x')},
                      TextCase{"TooLong", std::string(201, '<'),
                               [] {
                                 std::string cut;
                                 for (int i = 0; i < 200; ++i) cut += "&lt;";
                                 return cut + "…";
                               }()}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(UrlPartTest, EscapesCharactersThatWouldEndAPart) {
  EXPECT_EQ(UrlPart("digits-tanh_1.2~"), "digits-tanh_1.2~");
  EXPECT_EQ(UrlPart("a b/c?d#e%f\"<ü"), "a%20b%2Fc%3Fd%23e%25f%22%3C%C3%BC");
}

TEST(ShellWordTest, IsASingleWordForAShell) {
  EXPECT_EQ(ShellWord("digits-tanh_1.2/3"), "digits-tanh_1.2/3");
  EXPECT_EQ(ShellWord(""), "''");
  EXPECT_EQ(ShellWord("--help"), "'--help'");
  EXPECT_EQ(ShellWord("a; rm -rf ~"), "'a; rm -rf ~'");
  EXPECT_EQ(ShellWord("it's $(x)"), "'it'\\''s $(x)'");
}

}  // namespace
}  // namespace mlp
