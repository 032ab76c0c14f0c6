#include "client/json_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace mlp {
namespace {

struct GoodJson {
  const char* text;
  std::int64_t rows;
  std::vector<float> values;
};

TEST(JsonRowsTest, ReadsRows) {
  for (const GoodJson& c : std::vector<GoodJson>{
           {"[1]", 1, {1}},
           {"[1, -2.5, 3e2]", 1, {1, -2.5f, 300}},
           {"[[1, 2]]", 1, {1, 2}},
           {" [ [1, 2],\n [3, 4] ]\n", 2, {1, 2, 3, 4}},
           {"[18446744073709551615, -9223372036854775808]", 1, {0x1p64f, -0x1p63f}},
           {"[1e-60]", 1, {0}},
       }) {
    const auto rows = ReadJsonRows(c.text);
    ASSERT_TRUE(rows.ok()) << c.text << ": " << rows.status();
    EXPECT_EQ(rows->rows, c.rows) << c.text;
    EXPECT_EQ(rows->width * rows->rows, static_cast<std::int64_t>(c.values.size())) << c.text;
    EXPECT_EQ(rows->values, c.values) << c.text;
  }
}

struct BadJson {
  const char* text;
  const char* message;
};

TEST(JsonRowsTest, RefusesInvalidRowsAndReportsTheirPosition) {
  for (const BadJson& c : std::vector<BadJson>{
           {"", "not valid JSON: parse error at line 1, column 1"},
           {"[", "not valid JSON: parse error at line 1, column 2"},
           {"[[1, 2],\n [3, 4]", "not valid JSON: parse error at line 2, column 8"},
           {"[1] [2]", "not valid JSON: parse error at line 1, column 5"},
           {"[1,]", "not valid JSON: parse error"},
           {"[NaN]", "not valid JSON: parse error"},
           {"[1e999]", "not valid JSON: number overflow"},
           {"[[]]", "row 1 has no values"},
           {"[[1], []]", "row 2 has no values"},
           {"[[1, 2], [3]]", "row 2 has 1 values; expected 2 as in row 1"},
           {"[1, [2]]", "row 1, value 2 is an array; expected a number"},
           {"[[1], 2]", "row 2 is a number; expected an array of numbers"},
           {"[[1], null]", "row 2 is null; expected an array of numbers"},
           {"[[[1]]]", "row 1, value 1 is an array; expected a number"},
           {"[[1, 2], [3, \"4\"]]", "row 2, value 2 is a string; expected a number"},
           {"[true]", "row 1 is a boolean"},
           {"[1, {}]", "row 1, value 2 is an object"},
           {"{\"inputs\": [1]}", "the JSON text is an object; expected an array"},
           {"3", "the JSON text is a number"},
           {"null", "the JSON text is null"},
           {"[1, 1e39]", "row 1, value 2 is 1e+39, out of the range of FP32"},
       }) {
    const absl::Status status = ReadJsonRows(c.text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.text;
    EXPECT_NE(std::string(status.message()).find(c.message), std::string::npos)
        << c.text << ": " << status;
  }
}

TEST(JsonRowsTest, StopsAtTheThirdOfAMillionBrackets) {
  EXPECT_EQ(ReadJsonRows(std::string(1'000'000, '[')).status().message(),
            "row 1, value 1 is an array; expected a number");
}

TEST(JsonRowsTest, TreatsNullAsAMissingValue) {
  const Rows rows = ReadJsonRows("[[1, null], [null, null]]").value();
  EXPECT_EQ(rows.rows, 2);
  EXPECT_EQ(rows.values[0], 1.0f);
  for (const std::size_t i : {1, 2, 3}) EXPECT_TRUE(std::isnan(rows.values[i])) << i;
  EXPECT_EQ(rows.missing, (std::map<std::int64_t, std::string>{{0, "row 2, value 1 is null"},
                                                               {1, "row 1, value 2 is null"}}));
}

TEST(JsonRowsTest, AcceptsAnArrayWithoutRows) {
  const Rows rows = ReadJsonRows(" [ ] ").value();
  EXPECT_EQ(rows.rows, 0);
  EXPECT_EQ(rows.width, 0);
}

TEST(JsonRowsTest, ReadsColumnsOfTexts) {
  TextColumns columns;
  columns.Add(1, 2);
  const Rows rows = ReadJsonRows(R"([[1, "a\u00e9", 2], [null, "", 4]])", columns).value();
  EXPECT_EQ(rows.rows, 2);
  EXPECT_EQ(rows.width, 2);
  EXPECT_EQ(rows.text_width, 1);
  EXPECT_EQ(rows.texts, (std::vector<std::string>{"a\xc3\xa9", ""}));
  EXPECT_EQ(rows.values[3], 4);
  EXPECT_EQ(rows.missing.size(), 1U);
  TextColumns first;
  first.Add(0, 1);
  const Rows single = ReadJsonRows(R"(["a", 1])", first).value();
  EXPECT_EQ(single.rows, 1);
  EXPECT_EQ(single.texts, std::vector<std::string>{"a"});
  for (const BadJson& c : std::vector<BadJson>{
           {R"([[1, 2, 3]])", "row 1, value 2 is a number; expected a string"},
           {R"([[1, null, 3]])", "row 1, value 2 is null; expected a string"},
           {R"([[1, "a", "b"]])", "row 1, value 3 is a string; expected a number"},
           {R"([[1, "a", 2], [1, "a"]])", "row 2 has 2 values; expected 3 as in row 1"},
           {R"(["a", "a"])", "row 1 is a string; expected an array of values"},
           {R"("a")", "the JSON text is a string"},
       }) {
    EXPECT_EQ(std::string(ReadJsonRows(c.text, columns).status().message()).find(c.message), 0U)
        << c.text << ": " << ReadJsonRows(c.text, columns).status();
  }
}

}  // namespace
}  // namespace mlp
