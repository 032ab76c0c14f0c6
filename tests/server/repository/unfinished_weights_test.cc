#include "server/repository/unfinished_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/temporary_folder.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;

class UnfinishedWeightsTest : public ::testing::Test {
 protected:
  fs::path Write(const std::string& name, const std::string& content) {
    fs::create_directories((folder_.path() / name).parent_path());
    std::ofstream(folder_.path() / name, std::ios::binary) << content;
    return folder_.path() / name;
  }
  static void SetAge(const fs::path& file, std::chrono::seconds age) {
    fs::last_write_time(file, fs::file_time_type::clock::now() - age);
  }
  absl::Status Check() const { return CheckFilesAreFinished(folder_.path()); }

  TemporaryFolder folder_;
};

TEST_F(UnfinishedWeightsTest, RefusesAFreshFileThatEndsInZeros) {
  Write("model.safetensors", "weights" + std::string(4096, '\0'));
  EXPECT_EQ(Check().code(), absl::StatusCode::kAborted);
  EXPECT_THAT(std::string(Check().message()),
              ::testing::HasSubstr("'model.safetensors' may still be being written: it ends in "));
}

TEST_F(UnfinishedWeightsTest, RefusesAFreshFileWithAHole) {
  const fs::path file = Write("data/weights.bin", std::string(4096, 'x'));
  fs::resize_file(file, 1 << 20);
  std::ofstream(file, std::ios::binary | std::ios::app) << "the last part came first";
  struct stat status {};
  ASSERT_EQ(stat(file.c_str(), &status), 0);
  if (status.st_blocks * 512 >= status.st_size) GTEST_SKIP() << "a file system without holes";
  EXPECT_EQ(Check().code(), absl::StatusCode::kAborted);
  EXPECT_THAT(std::string(Check().message()), ::testing::HasSubstr("has a hole"));
}

TEST_F(UnfinishedWeightsTest, AcceptsFilesThatAreFinishedOrOld) {
  EXPECT_TRUE(Check().ok()) << "no file";
  EXPECT_TRUE(CheckFilesAreFinished(folder_.path() / "missing").ok());
  EXPECT_TRUE(CheckFileIsFinished(folder_.path() / "missing").ok());
  Write("model.safetensors", std::string(100, '\0'));
  EXPECT_TRUE(Check().ok()) << "less than a page";
  Write("model.safetensors", std::string(8192, '\0') + "x");
  EXPECT_TRUE(Check().ok()) << "zeros before the end";
  const fs::path file = Write("model.safetensors", std::string(8192, '\0'));
  SetAge(file, std::chrono::seconds(120));
  EXPECT_TRUE(Check().ok()) << "weights of zeros";
  SetAge(file, std::chrono::seconds(-3600));
  EXPECT_TRUE(Check().ok()) << "another clock";
}

TEST_F(UnfinishedWeightsTest, DoesNotWaitForAPipe) {
  ASSERT_EQ(mkfifo((folder_.path() / "pipe").c_str(), 0600), 0);
  EXPECT_TRUE(Check().ok());
  EXPECT_TRUE(CheckFileIsFinished(folder_.path() / "pipe").ok());
}

}  // namespace
}  // namespace mlp
