#include "client/write_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "client/rows_reader.h"

namespace mlp {
namespace {

TEST(WriteFileTest, WritesOverWhatWasThere) {
  const std::string path = ::testing::TempDir() + "/write_file_test";
  ASSERT_TRUE(WriteFile(path, "a long text").ok());
  ASSERT_TRUE(WriteFile(path, std::string("short\0", 6)).ok());
  EXPECT_EQ(ReadFile(path).value(), std::string("short\0", 6));
}

TEST(WriteFileTest, NamesAFileThatCannotBeWritten) {
  EXPECT_EQ(WriteFile("/no/such/folder/file", "text"),
            absl::PermissionDeniedError("'/no/such/folder/file' cannot be written"));
}

TEST(WriteFileTest, ReplacesAFileInOneStep) {
  const std::string path = ::testing::TempDir() + "/replace_file_test";
  ASSERT_TRUE(ReplaceFile(path, "first").ok());
  // Whoever has it open keeps what was there.
  const std::string link = path + ".hard";
  std::filesystem::remove(link);
  std::filesystem::create_hard_link(path, link);
  ASSERT_TRUE(ReplaceFile(path, "second").ok());
  EXPECT_EQ(ReadFile(path).value(), "second");
  EXPECT_EQ(ReadFile(link).value(), "first");
  EXPECT_FALSE(std::filesystem::exists(path + ".part"));
}

TEST(WriteFileTest, ReplacesWhatALinkLeadsTo) {
  const std::string path = ::testing::TempDir() + "/replace_link_test";
  ASSERT_TRUE(ReplaceFile(path, "first").ok());
  const std::string link = path + ".link";
  std::filesystem::remove(link);
  std::filesystem::create_symlink(path, link);
  ASSERT_TRUE(ReplaceFile(link, "second").ok());
  EXPECT_EQ(ReadFile(path).value(), "second");
  EXPECT_TRUE(std::filesystem::is_symlink(link));
}

TEST(WriteFileTest, ReplacesNoFolderAndNoDevice) {
  EXPECT_EQ(ReplaceFile("/no/such/folder/file", "text"),
            absl::PermissionDeniedError("'/no/such/folder/file' cannot be written"));
  EXPECT_FALSE(ReplaceFile(::testing::TempDir(), "text").ok());
  EXPECT_TRUE(ReplaceFile("/dev/null", "text").ok());
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

}  // namespace
}  // namespace mlp
