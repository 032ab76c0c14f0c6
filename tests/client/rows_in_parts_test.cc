#include "client/rows_in_parts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "client/npy.h"
#include "client/write_file.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RowsInPartsTest : public ::testing::Test {
 protected:
  std::string File(const std::string& name, const std::string& contents) {
    const std::string path = (folder_.path() / name).string();
    EXPECT_TRUE(WriteFile(path, contents).ok());
    return path;
  }

  const TemporaryFolder folder_;
  std::istringstream in_{"[[9, 10]]"};
};

TEST_F(RowsInPartsTest, JoinsFilesOfSeveralKindsInTheirOrder) {
  const absl::StatusOr<Rows> rows = ReadRowsInParts(
      {File("1.csv", "a,b\n1,2\n3,4\n"), File("2.npy", WriteNpy({1, 2}, {5.0F, 6.0F})),
       File("3.json", "[]"), "-", File("4.json", "[[7, 8]]")},
      in_, RowsFormat::kAuto, {});
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_EQ(rows->rows, 5);
  EXPECT_EQ(rows->width, 2);
  EXPECT_THAT(rows->values, ElementsAre(1, 2, 3, 4, 5, 6, 9, 10, 7, 8));
}

TEST_F(RowsInPartsTest, ReadsStandardInputIfThereAreNoFiles) {
  EXPECT_THAT(ReadRowsInParts({}, in_, RowsFormat::kAuto, {})->values, ElementsAre(9, 10));
}

TEST_F(RowsInPartsTest, JoinsTextsToo) {
  TextColumns texts;
  texts.Add(1, 2);
  const absl::StatusOr<Rows> rows =
      ReadRowsInParts({File("5.json", "[[1, \"a\"]]"), File("6.json", "[[2, \"b\"]]")}, in_,
                      RowsFormat::kAuto, texts);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_THAT(rows->values, ElementsAre(1, 2));
  EXPECT_THAT(rows->texts, ElementsAre("a", "b"));
}

TEST_F(RowsInPartsTest, SaysWhichFileIsWrong) {
  const std::string good = File("good.csv", "1,2\n");
  const auto error_of = [&](const std::vector<std::string>& files) {
    return std::string(ReadRowsInParts(files, in_, RowsFormat::kAuto, {}).status().message());
  };
  EXPECT_THAT(error_of({good, File("wide.csv", "1,2,3\n")}),
              HasSubstr("wide.csv' has rows of 3 values; those of the files before it have 2"));
  EXPECT_THAT(error_of({good, File("bad.csv", "1,2\nx,y\n")}), HasSubstr("bad.csv': line 2"));
  EXPECT_THAT(error_of({good, "/no/such/file"}), HasSubstr("/no/such/file"));
}

TEST_F(RowsInPartsTest, NamesTheFileInWhichAValueIsMissing) {
  const absl::StatusOr<Rows> rows = ReadRowsInParts(
      {File("whole.csv", "1,2\n"), File("missing.csv", "3,\n")}, in_, RowsFormat::kAuto, {});
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->missing.size(), 1U);
  EXPECT_THAT(rows->missing.at(1), HasSubstr("missing.csv': line 1, column 2 is empty"));
}

}  // namespace
}  // namespace mlp
