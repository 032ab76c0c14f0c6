#include "client/csv_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace mlp {
namespace {

struct GoodCsv {
  const char* text;
  std::int64_t rows;
  std::vector<float> values;
};

TEST(CsvRowsTest, ReadsRows) {
  for (const GoodCsv& c : std::vector<GoodCsv>{
           {"1", 1, {1}},
           {"1,2\n3,4\n", 2, {1, 2, 3, 4}},
           {"1,2\r\n3,4\r\n", 2, {1, 2, 3, 4}},
           {"1, 2 \n\t3,4", 2, {1, 2, 3, 4}},
           {"1,2\n\n\r\n  \n", 1, {1, 2}},
           {"-1.5,+2e-3,.5,5.\n", 1, {-1.5f, 2e-3f, 0.5f, 5}},
           {"inf,-Infinity", 1, {INFINITY, -INFINITY}},
           {"1e-60", 1, {0}},
           {"a,b\n1,2\n", 1, {1, 2}},
           {"\"a, b\"\r\n1,2\r\n", 1, {1, 2}},
           {"\"a\n1\",b\n1,2\n", 1, {1, 2}},
           {"1,\"2\"\n\" 3\",4\r\n", 2, {1, 2, 3, 4}},
           {",\n1,2\n", 1, {1, 2}},
       }) {
    const auto rows = ReadCsvRows(c.text);
    ASSERT_TRUE(rows.ok()) << c.text << ": " << rows.status();
    EXPECT_EQ(rows->rows, c.rows) << c.text;
    EXPECT_EQ(rows->width * rows->rows, static_cast<std::int64_t>(c.values.size())) << c.text;
    EXPECT_EQ(rows->values, c.values) << c.text;
  }
  EXPECT_TRUE(std::isnan(ReadCsvRows("nan").value().values[0]));
}

struct BadCsv {
  const char* text;
  const char* message;
};

TEST(CsvRowsTest, RefusesInvalidRowsAndReportsTheirPosition) {
  for (const BadCsv& c : std::vector<BadCsv>{
           {"a,b\nc,d\n", "line 2, column 1: 'c'; expected a number"},
           {"1,x,3\n", "line 1, column 2: 'x'"},
           {"a,1\n", "line 1, column 1: 'a'"},
           {"1,2\n\n3,4\n", "line 2, column 1: ''"},
           {"\n1,2\n", "line 1, column 1: ''"},
           {"1,2\n3\n", "line 2 has 1 columns; expected 2 as in line 1"},
           {"a,b\n1,2\n3,4,5\n", "line 3 has 3 columns; expected 2 as in line 2"},
           {"1;2\n3;4\n", "line 2, column 1: '3;4'"},
           {"1,0x10\n", "line 1, column 2: '0x10'"},
           {"1,nan(1)\n", "line 1, column 2: 'nan(1)'"},
           {"1,-\n", "line 1, column 2: '-'"},
           {"1,\"x\"\n", "line 1, column 2: 'x'; expected a number"},
           {"1,\"2\n", "line 1, column 2: '\"2'; expected a closing quote"},
           {"1,\"2\"3\n", "line 1, column 2: '\"2\"3'; expected a comma after the closing quote"},
           {"1, \"2\"\n", "line 1, column 2: '\"2\"'; expected a number"},
           {"a\n\"1\n\",2\n3\n", "line 4 has 1 columns; expected 2 as in line 2"},
           {"1,1 2\n", "line 1, column 2: '1 2'"},
           {"1,1e39\n", "line 1, column 2: '1e39'; expected a number in the range of FP32"},
           {"1,-1e999\n", "line 1, column 2: '-1e999'; expected a number in the range of FP32"},
           {"1\n0123456789012345678901234567890123456789x\n",
            "'0123456789012345678901234567890123456789...'"},
           // A character that does not fit is left out entirely.
           {"1\n012345678901234567890123456789012345678\xe2\x82\xac\n",
            "'012345678901234567890123456789012345678...'"},
       }) {
    const absl::Status status = ReadCsvRows(c.text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.text;
    EXPECT_NE(std::string(status.message()).find(c.message), std::string::npos)
        << c.text << ": " << status;
  }
}

TEST(CsvRowsTest, RefusesZeroBytes) {
  const absl::Status status = ReadCsvRows({"1,\0\n", 4}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
}

TEST(CsvRowsTest, TreatsAnEmptyCellAsAMissingValue) {
  const Rows rows = ReadCsvRows("a,b,c\n1,,3\n , 5,\n").value();
  EXPECT_EQ(rows.rows, 2);
  EXPECT_EQ(rows.width, 3);
  for (const std::size_t i : {1, 3, 5}) EXPECT_TRUE(std::isnan(rows.values[i])) << i;
  EXPECT_EQ(rows.missing, (std::map<std::int64_t, std::string>{{0, "line 3, column 1 is empty"},
                                                               {1, "line 2, column 2 is empty"},
                                                               {2, "line 3, column 3 is empty"}}));
  EXPECT_EQ(CheckComplete(rows).message(), "line 3, column 1 is empty; expected a number");
  // An empty line has no cells.
  EXPECT_EQ(ReadCsvRows("1\n\n2\n").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(CsvRowsTest, AcceptsAFileWithoutRows) {
  for (const auto& [text, width] :
       std::map<std::string, std::int64_t>{{"", 0}, {"\n\n", 0}, {"a,b\n", 2}, {"a,b,\n", 3}}) {
    const auto rows = ReadCsvRows(text);
    ASSERT_TRUE(rows.ok()) << rows.status();
    EXPECT_EQ(rows->rows, 0) << text;
    EXPECT_EQ(rows->width, width) << text;
    EXPECT_EQ(CheckComplete(*rows).message(), "no rows; expected at least one");
  }
}

struct TextsCsv {
  const char* text;
  std::vector<float> values;
  std::vector<std::string> texts;
};

// A number, two texts, a number.
TEST(CsvRowsTest, ReadsColumnsOfTextsUnchanged) {
  TextColumns columns;
  columns.Add(1, 3);
  for (const TextsCsv& c : std::vector<TextsCsv>{
           {"1,Oslo,x,2\n3,Bern,,4", {1, 2, 3, 4}, {"Oslo", "x", "Bern", ""}},
           {"a,b,c,d\n1,007,nan,2\n", {1, 2}, {"007", "nan"}},
           {"a,1,2,d\r\n1, x ,y,2\r\n", {1, 2}, {" x ", "y"}},
           {"1,\"a,b\",\"say \"\"no\"\"\",2\n", {1, 2}, {"a,b", "say \"no\""}},
           {"1,\"a\r\nb\",\"\",2\n3,\xc3\xa9,\"\"\"\",4\n",
            {1, 2, 3, 4},
            {"a\r\nb", "", "\xc3\xa9", "\""}},
       }) {
    const auto rows = ReadCsvRows(c.text, columns);
    ASSERT_TRUE(rows.ok()) << c.text << ": " << rows.status();
    EXPECT_EQ(rows->rows * 2, static_cast<std::int64_t>(c.values.size())) << c.text;
    EXPECT_EQ(rows->width, 2);
    EXPECT_EQ(rows->text_width, 2);
    EXPECT_EQ(rows->values, c.values) << c.text;
    EXPECT_EQ(rows->texts, c.texts) << c.text;
    EXPECT_TRUE(rows->missing.empty()) << c.text;
  }
}

TEST(CsvRowsTest, ReportsMissingValuesNextToTexts) {
  TextColumns columns;
  columns.Add(0, 1);
  const Rows rows = ReadCsvRows("a,b\nx,\n,1\n", columns).value();
  EXPECT_EQ(rows.missing, (std::map<std::int64_t, std::string>{{1, "line 2, column 2 is empty"}}));
  EXPECT_EQ(rows.texts, (std::vector<std::string>{"x", ""}));
  EXPECT_EQ(ReadCsvRows("\"a\nb\",1\nx,y\n", columns).status().message(),
            "line 3, column 2: 'y'; expected a number");
}

TEST(CsvRowsTest, TreatsAFirstLineOfTextsOnlyAsAHeader) {
  TextColumns columns;
  columns.Add(0, TextColumns::kAllThatFollow);
  const Rows rows = ReadCsvRows("a,1\nx,2\n3, \n", columns).value();
  EXPECT_EQ(rows.rows, 2);
  EXPECT_EQ(rows.width, 0);
  EXPECT_EQ(rows.texts, (std::vector<std::string>{"x", "2", "3", " "}));
  const Rows none = ReadCsvRows("a,b,c\n", columns).value();
  EXPECT_EQ(none.rows, 0);
  EXPECT_EQ(none.text_width, 3);
  EXPECT_EQ(ReadCsvRows("a\n\"\"\n", columns).value().texts, std::vector<std::string>{""});
}

}  // namespace
}  // namespace mlp
