#include "client/watch/styled_text.h"

#include <gtest/gtest.h>

#include <string>

namespace mlp {
namespace {

std::string Plain(const StyledText& text) { return text.ToString(0, /*colours=*/false); }

TEST(StyledTextTest, HasColoursOnlyIfTheyAreEnabled) {
  StyledText text("a");
  text.Add("b", TextStyle::kBad).Add("c", TextStyle::kGood);
  EXPECT_EQ(Plain(text), "abc");
  EXPECT_EQ(text.ToString(0, /*colours=*/true), "a\x1b[1;31mb\x1b[0m\x1b[32mc\x1b[0m");
}

TEST(StyledTextTest, MakesHostileTextPrintable) {
  const StyledText text("\x1b[2J\nname\x07\u009b");
  EXPECT_EQ(Plain(text), "\\x1b[2J\\nname\\x07\\x9b");
  EXPECT_EQ(text.width(), Plain(text).size());
}

TEST(StyledTextTest, IsCutByCharactersAndKeepsItsColours) {
  StyledText text("äöü");
  text.Add("▁▂▃", TextStyle::kGood);
  EXPECT_EQ(text.ToString(6, false), "äöü▁▂▃");
  EXPECT_EQ(text.ToString(5, false), "äöü▁…");
  EXPECT_EQ(text.ToString(5, true), "äöü\x1b[32m▁\x1b[0m…");
  EXPECT_EQ(text.ToString(3, true), "äö…");
  EXPECT_EQ(text.ToString(1, true), "…");
}

TEST(StyledTableTest, AlignsItsColumnsByTheirWidestCells) {
  StyledTable table({{"name"}, {"rate", true}, {"end"}});
  table.AddRow({StyledText("long name"), StyledText("7"), StyledText("▁▂")});
  table.AddRow({StyledText("ä"), StyledText("1,234")});
  std::string text;
  for (const StyledText& line : table.Lines()) text += Plain(line) + "\n";
  EXPECT_EQ(text,
            "name        rate  end\n"
            "long name      7  ▁▂\n"
            "ä          1,234\n");
}

}  // namespace
}  // namespace mlp
