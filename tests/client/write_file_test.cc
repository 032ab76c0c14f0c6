#include "client/write_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/rows_reader.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

TEST(WriteFileTest, OverwritesAnExistingFile) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "file").string();
  ASSERT_TRUE(WriteFile(path, "a long text").ok());
  ASSERT_TRUE(WriteFile(path, std::string("short\0", 6)).ok());
  EXPECT_EQ(ReadFile(path).value(), std::string("short\0", 6));
}

struct UnwritableCase {
  std::string path;
  absl::StatusCode code;
  const char* reason;
};

std::vector<UnwritableCase> UnwritableCases() {
  return {{"/no/such/folder/file", absl::StatusCode::kNotFound, "No such file or directory"},
          {::testing::TempDir(), absl::StatusCode::kFailedPrecondition, "Is a directory"},
          {"/dev/full", absl::StatusCode::kResourceExhausted, "No space left on device"},
          {"/dev/null/file", absl::StatusCode::kFailedPrecondition, "Not a directory"}};
}

TEST(WriteFileTest, SaysWhyAFileCannotBeWritten) {
  for (const UnwritableCase& test_case : UnwritableCases()) {
    const absl::Status expected(test_case.code,
                                "'" + test_case.path + "' cannot be written: " + test_case.reason);
    EXPECT_EQ(WriteFile(test_case.path, "text"), expected);
    EXPECT_EQ(ReplaceFile(test_case.path, "text"), expected);
    // A full device is noticed only when it is written to.
    if (test_case.path == "/dev/full") continue;
    EXPECT_EQ(CheckWritable(test_case.path), expected);
  }
}

TEST(WriteFileTest, ChecksWithoutTouchingAnExistingFile) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "file").string();
  EXPECT_EQ(CheckWritable(path), absl::OkStatus());
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_FALSE(std::filesystem::exists(path + ".part"));
  ASSERT_TRUE(WriteFile(path, "first").ok());
  EXPECT_EQ(CheckWritable(path), absl::OkStatus());
  EXPECT_EQ(ReadFile(path).value(), "first");
  // Another program is writing the file, or was killed while it wrote.
  ASSERT_TRUE(WriteFile(path + ".part", "half").ok());
  EXPECT_EQ(CheckWritable(path), absl::OkStatus());
  EXPECT_EQ(ReadFile(path + ".part").value(), "half");
  EXPECT_EQ(CheckWritable("/dev/null"), absl::OkStatus());
}

TEST(WriteFileTest, ReplacesAFileInOneStep) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "file").string();
  ASSERT_TRUE(ReplaceFile(path, "first").ok());
  // A program that has the file open keeps the old content.
  const std::string link = path + ".hard";
  std::filesystem::create_hard_link(path, link);
  ASSERT_TRUE(ReplaceFile(path, "second").ok());
  EXPECT_EQ(ReadFile(path).value(), "second");
  EXPECT_EQ(ReadFile(link).value(), "first");
  EXPECT_FALSE(std::filesystem::exists(path + ".part"));
}

TEST(WriteFileTest, ReplacesTheTargetOfALink) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "file").string();
  ASSERT_TRUE(ReplaceFile(path, "first").ok());
  const std::string link = path + ".link";
  std::filesystem::create_symlink(path, link);
  ASSERT_TRUE(ReplaceFile(link, "second").ok());
  EXPECT_EQ(ReadFile(path).value(), "second");
  EXPECT_TRUE(std::filesystem::is_symlink(link));
}

TEST(WriteFileTest, RefusesToReplaceAFolderOrADevice) {
  EXPECT_FALSE(ReplaceFile(::testing::TempDir(), "text").ok());
  EXPECT_TRUE(ReplaceFile("/dev/null", "text").ok());
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

}  // namespace
}  // namespace mlp
