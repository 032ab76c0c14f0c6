#include "client/table.h"

#include <gtest/gtest.h>

namespace mlp {
namespace {

TEST(TableTest, AlignsColumns) {
  Table table({{"name"}, {"rows", Alignment::kRight}, {"reason"}});
  table.AddRow({"digits-relu", "7", "a\nb"});
  table.AddRow({"é", "12345"});
  EXPECT_EQ(table.ToString(),
            "name          rows  reason\n"
            "digits-relu      7  a\\nb\n"
            "é            12345\n");
}

TEST(TableTest, ShowsOnlyItsTitlesWithoutRows) {
  EXPECT_EQ(Table({{"a"}, {"b"}}).ToString(), "a  b\n");
}

}  // namespace
}  // namespace mlp
