#include "client/rows_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/npy.h"
#include "client/npz.h"
#include "client/write_file.h"
#include "tests/temporary_folder.h"

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

TEST(RowsReaderTest, UsesTheGivenFormat) {
  EXPECT_THAT(std::string(ReadRows("1,2", RowsFormat::kJson).status().message()),
              HasSubstr("JSON"));
  EXPECT_EQ(ReadRows("[1]\n", RowsFormat::kCsv).value().rows, 0);  // read as a title
  EXPECT_THAT(std::string(ReadRows("[1]", RowsFormat::kNpy).status().message()), HasSubstr(".npy"));
}

struct ShapeCase {
  std::vector<std::int64_t> shape;
  std::int64_t rows;
  std::int64_t width;
};

TEST(RowsReaderTest, ReadsTheFirstDimensionOfNpyFilesAsRows) {
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

TEST(RowsReaderTest, AcceptsFilesWithoutRows) {
  const Rows rows = ReadRows(WriteNpy({0, 2, 4}, {}), RowsFormat::kAuto).value();
  EXPECT_EQ(rows.rows, 0);
  EXPECT_EQ(rows.width, 8);
  EXPECT_EQ(ReadRows(WriteNpy({0}, {}), RowsFormat::kAuto).value().rows, 0);
  EXPECT_EQ(ReadRows("", RowsFormat::kAuto).value().rows, 0);
}

TEST(RowsReaderTest, ReadsTextsOnlyFromJsonAndCsv) {
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

TEST(RowsReaderTest, ReportsFilesThatItCannotRead) {
  const absl::Status missing = ReadFile("/nonexistent/rows.csv").status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(missing.message(), "'/nonexistent/rows.csv': No such file or directory");
  EXPECT_EQ(ReadFile("/").status(), absl::FailedPreconditionError("'/': Is a directory"));
}

TEST(RowsReaderTest, ReadsNoMoreThanItsLimits) {
  // Neither of them ends.
  const absl::Status endless = ReadFile("/dev/zero", {.stream_bytes = 5'000'000}).status();
  EXPECT_EQ(endless.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(endless.message(),
            "'/dev/zero' gives more than 5,000,000 bytes, the limit for a pipe or a device; pass "
            "a larger input as a file");
  const std::string text(3'000'000, 'x');
  for (const std::size_t most : {2'999'999U, 3'000'000U, 3'000'001U}) {
    std::istringstream in(text);
    EXPECT_EQ(ReadAll(in, "it", {.stream_bytes = most}).ok(), most >= text.size()) << most;
  }
}

TEST(RowsReaderTest, ChecksTheSizeOfAFileBeforeItReadsIt) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "file").string();
  ASSERT_TRUE(WriteFile(path, std::string(1'500, 'x')).ok());
  // The limit of streams does not apply to files.
  EXPECT_EQ(ReadFile(path, {.stream_bytes = 1}).value().size(), 1'500U);
  const absl::Status large = ReadFile(path, {.file_bytes = 1'499}).status();
  EXPECT_EQ(large,
            absl::ResourceExhaustedError("'" + path + "' has 1,500 bytes; expected at most 1,499"));
}

TEST(RowsReaderTest, NamesTheFormatOfAnUnsupportedFile) {
  struct Case {
    std::string file;
    const char* message;
  };
  const std::string npz = WriteNpz({{"x", WriteNpy({1, 2}, {1, 2})}}).value();
  for (const RowsFormat format : {RowsFormat::kAuto, RowsFormat::kNpy}) {
    EXPECT_EQ(ReadRows(npz, format).status().message(),
              "a ZIP archive, such as NumPy's .npz; expected one of its arrays as .npy");
  }
  for (const Case& test_case : {
           Case{npz, "zero bytes"},
           Case{std::string("\x1f\x8b\x08\0\0", 5),
                "not text: it contains zero bytes; expected JSON, "},
           Case{std::string("\xff\xfe\x31\0,\0\x32\0", 8), "UTF-16; expected text in UTF-8"},
       }) {
    EXPECT_THAT(std::string(ReadRows(test_case.file, RowsFormat::kCsv).status().message()),
                HasSubstr(test_case.message));
  }
}

}  // namespace
}  // namespace mlp
