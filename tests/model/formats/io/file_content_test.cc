#include "model/formats/io/file_content.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

class FileContentTest : public ::testing::Test {
 protected:
  FileContentTest() { std::ofstream(file_) << "content"; }

  const TemporaryFolder temporary_;
  const std::filesystem::path folder_ = temporary_.path();
  const std::filesystem::path file_ = folder_ / "file";
  const std::filesystem::path pipe_ = folder_ / "pipe";
};

TEST_F(FileContentTest, IsComplete) {
  EXPECT_EQ(ReadFileContent(file_, 7).value(), "content");
  EXPECT_EQ(ReadFileContent(file_, 6).status().message(),
            "the file 'file' has 7 bytes; expected at most 6");
}

TEST_F(FileContentTest, NamesAMissingFile) {
  EXPECT_TRUE(absl::IsNotFound(ReadFileContent(folder_ / "none", 7).status()));
  EXPECT_TRUE(absl::IsNotFound(ReadFileContent(file_ / "none", 7).status()));
}

TEST_F(FileContentTest, NamesTheUserWithoutPermission) {
  ASSERT_EQ(chmod(file_.c_str(), 0), 0);
  // Root may read all files.
  const bool was_root = geteuid() == 0;
  if (was_root) {
    ASSERT_EQ(seteuid(64'999), 0);
  }
  const uid_t user = geteuid();
  const absl::Status status = ReadFileContent(file_, 7).status();
  if (was_root) {
    ASSERT_EQ(seteuid(0), 0);
  }
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  EXPECT_EQ(status.message(),
            absl::StrCat("no permission to read the file 'file' (this process runs as user ", user,
                         "); expected a mode such as 0640 and a group of that user's own"));
}

// A program that writes into a model's folder may do so between any two steps of the reader.
TEST_F(FileContentTest, DoesNotBlockIfAPipeReplacesTheFile) {
  ASSERT_EQ(mkfifo(pipe_.c_str(), 0600), 0);
  std::atomic<bool> end = false;
  std::thread swapper([&] {
    while (!end) {
      syscall(SYS_renameat2, AT_FDCWD, file_.c_str(), AT_FDCWD, pipe_.c_str(), RENAME_EXCHANGE);
    }
  });
  int files = 0;
  int pipes = 0;
  while (files < 1'000 || pipes < 1'000) {
    const absl::StatusOr<std::string> content = ReadFileContent(file_, 7);
    if (content.ok()) {
      EXPECT_EQ(*content, "content");
      ++files;
    } else {
      EXPECT_EQ(content.status().message(), "'file' is not a regular file");
      ++pipes;
    }
    if (HasFailure()) break;
  }
  end = true;
  swapper.join();
}

}  // namespace
}  // namespace mlp
