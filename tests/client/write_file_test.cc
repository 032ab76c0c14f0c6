#include "client/write_file.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace mlp
