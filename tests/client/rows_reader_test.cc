#include "client/rows_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/npy.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(RowsReaderTest, GuessesTheFormatFromTheFirstBytes) {
  for (const std::string& file :
       {std::string("[[1, 2], [3, 4]]"), std::string(" \n[[1, 2], [3, 4]]"),
        std::string("1,2\n3,4\n"), std::string("a,b\n1,2\n3,4\n"),
        std::string("\xEF\xBB\xBF[[1, 2], [3, 4]]"),
        std::string("\xEF\xBB\xBF"
                    "1,2\n3,4\n"),
        WriteNpy({2, 2}, {1, 2, 3, 4})}) {
    const auto rows = ReadRows(file, RowsFormat::kAuto);
    ASSERT_TRUE(rows.ok()) << file << ": " << rows.status();
    EXPECT_EQ(rows->rows, 2) << file;
    EXPECT_EQ(rows->width, 2) << file;
    EXPECT_THAT(rows->values, ElementsAre(1, 2, 3, 4)) << file;
  }
  EXPECT_THAT(std::string(ReadRows("{}", RowsFormat::kAuto).status().message()),
              HasSubstr("JSON text is an object"));
}

TEST(RowsReaderTest, TakesTheFormatItIsTold) {
  EXPECT_THAT(std::string(ReadRows("1,2", RowsFormat::kJson).status().message()),
              HasSubstr("JSON"));
  EXPECT_EQ(ReadRows("[1]\n", RowsFormat::kCsv).value().rows, 0);  // a title
  EXPECT_THAT(std::string(ReadRows("[1]", RowsFormat::kNpy).status().message()), HasSubstr(".npy"));
}

struct ShapeCase {
  std::vector<std::int64_t> shape;
  std::int64_t rows;
  std::int64_t width;
};

TEST(RowsReaderTest, TakesTheFirstDimensionOfNpyFilesAsRows) {
  for (const ShapeCase& c : std::vector<ShapeCase>{
           {{12}, 1, 12}, {{3, 4}, 3, 4}, {{3, 2, 2}, 3, 4}, {{1, 12}, 1, 12}, {{12, 1}, 12, 1}}) {
    const auto rows = ReadRows(WriteNpy(c.shape, std::vector<float>(12)), RowsFormat::kAuto);
    ASSERT_TRUE(rows.ok()) << rows.status();
    EXPECT_EQ(rows->rows, c.rows);
    EXPECT_EQ(rows->width, c.width);
  }
}

TEST(RowsReaderTest, RefusesNpyFilesOfNoValues) {
  EXPECT_FALSE(ReadRows(WriteNpy({}, {1}), RowsFormat::kAuto).ok());
  EXPECT_FALSE(ReadRows(WriteNpy({4, 0}, {}), RowsFormat::kAuto).ok());
}

TEST(RowsReaderTest, TakesFilesOfNoRows) {
  const Rows rows = ReadRows(WriteNpy({0, 2, 4}, {}), RowsFormat::kAuto).value();
  EXPECT_EQ(rows.rows, 0);
  EXPECT_EQ(rows.width, 8);
  EXPECT_EQ(ReadRows(WriteNpy({0}, {}), RowsFormat::kAuto).value().rows, 0);
  EXPECT_EQ(ReadRows("", RowsFormat::kAuto).value().rows, 0);
}

TEST(RowsReaderTest, ReadsTextsFromJsonAndCsvAlone) {
  TextColumns columns;
  columns.Add(0, 1);
  EXPECT_EQ(ReadRows("a,b\nx,1\n", RowsFormat::kAuto, columns).value().texts[0], "x");
  EXPECT_EQ(ReadRows("[[\"x\", 1]]", RowsFormat::kAuto, columns).value().texts[0], "x");
  EXPECT_THAT(
      std::string(
          ReadRows(WriteNpy({1, 2}, {1, 2}), RowsFormat::kAuto, columns).status().message()),
      HasSubstr("expected JSON or CSV"));
}

TEST(RowsReaderTest, ReadsAWholeStream) {
  const std::string text(3'000'000, 'x');
  std::istringstream in(text);
  EXPECT_EQ(ReadAll(in, "standard input").value(), text);
  std::istringstream empty("");
  EXPECT_EQ(ReadAll(empty, "standard input").value(), "");
}

TEST(RowsReaderTest, TellsFilesThatItCannotRead) {
  const absl::Status missing = ReadFile("/nonexistent/rows.csv").status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(missing.message(), "'/nonexistent/rows.csv': No such file or directory");
  EXPECT_EQ(ReadFile("/").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace mlp
