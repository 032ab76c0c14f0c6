#include "model/formats/io/external_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

// A model's folder with a file of ten bytes, next to another folder.
class ExternalFolderTest : public ::testing::Test {
 protected:
  ExternalFolderTest() {
    std::filesystem::create_directories(folder_ / "deeper");
    std::filesystem::create_directories(root_ / "other");
    for (const auto& file : {folder_ / "weights.bin", folder_ / "deeper" / "weights.bin",
                             root_ / "other" / "secret"}) {
      std::ofstream(file) << "0123456789";
    }
  }

  absl::StatusOr<std::string> Read(const std::string& location, std::int64_t offset = 2,
                                   std::int64_t length = 3) {
    absl::StatusOr<ExternalFolder> folder = ExternalFolder::Open(folder_);
    EXPECT_TRUE(folder.ok()) << folder.status();
    return folder->Read(location, offset, length);
  }

  const TemporaryFolder temporary_;
  const std::filesystem::path root_ = temporary_.path();
  const std::filesystem::path folder_ = root_ / "model" / "1";
};

TEST_F(ExternalFolderTest, ReadsAPartOfAFileInTheFolder) {
  EXPECT_EQ(Read("weights.bin").value(), "234");
  EXPECT_EQ(Read("./weights.bin", 0, 10).value(), "0123456789");
  EXPECT_EQ(Read("deeper/weights.bin", 10, 0).value(), "");
}

TEST_F(ExternalFolderTest, CountsEachFileOnce) {
  absl::StatusOr<ExternalFolder> folder = ExternalFolder::Open(folder_);
  ASSERT_TRUE(folder.ok()) << folder.status();
  EXPECT_TRUE(folder->Read("weights.bin", 0, 1).ok());
  EXPECT_TRUE(folder->Read("weights.bin", 0, 1).ok());
  EXPECT_EQ(folder->bytes_seen(), 10);
}

TEST_F(ExternalFolderTest, RefusesRangesOutsideTheFile) {
  for (const auto& [offset, length] : {std::pair<std::int64_t, std::int64_t>{0, 11},
                                       {11, 0},
                                       {-1, 1},
                                       {0, -1},
                                       {std::int64_t{1} << 62, std::int64_t{1} << 62}}) {
    const auto read = Read("weights.bin", offset, length);
    EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument) << offset;
    EXPECT_THAT(std::string(read.status().message()), HasSubstr("'weights.bin' has 10 bytes"));
  }
}

TEST_F(ExternalFolderTest, NeverLeavesTheFolder) {
  std::filesystem::create_symlink(root_ / "other" / "secret", folder_ / "symbolic");
  std::filesystem::create_symlink(root_ / "other", folder_ / "symbolic_folder");
  std::filesystem::create_symlink("../../other/secret", folder_ / "symbolic_relative");
  std::filesystem::create_symlink("loop", folder_ / "loop");
  std::filesystem::create_hard_link(root_ / "other" / "secret", folder_ / "hard");
  for (const char* location :
       {"../../other/secret", "/etc/hostname", "symbolic", "symbolic_folder/secret",
        "symbolic_relative", "loop", "hard", "deeper/../../../other/secret",
        "deeper/../weights.bin", "deeper", ".", ""}) {
    const auto read = Read(location, 0, 1);
    EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument)
        << location << ": " << read.status();
  }
  EXPECT_EQ(Read("missing").status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(Read(std::string("weights.bin\0x", 13)).ok());
}

// As in a mounted ConfigMap: the name is a link to a file in a folder that is itself a link.
TEST_F(ExternalFolderTest, FollowsLinksThatStayBelowTheRoot) {
  std::filesystem::create_directories(folder_ / "..2026_11_29");
  std::filesystem::rename(folder_ / "weights.bin", folder_ / "..2026_11_29" / "weights.bin");
  std::filesystem::create_directory_symlink("..2026_11_29", folder_ / "..data");
  std::filesystem::create_symlink("..data/weights.bin", folder_ / "weights.bin");
  EXPECT_EQ(Read("weights.bin").value(), "234");
}

// As in caches of model hubs: the files are in a folder of blobs next to the folders of versions.
TEST_F(ExternalFolderTest, FollowsLinksToElsewhereBelowTheRepository) {
  std::filesystem::create_symlink("../../other/secret", folder_ / "blob");
  EXPECT_FALSE(Read("blob").ok());
  auto folder = ExternalFolder::Open(folder_, {true, root_});
  ASSERT_TRUE(folder.ok()) << folder.status();
  EXPECT_EQ(folder->Read("blob", 2, 3).value(), "234");
  EXPECT_FALSE(folder->Read("../../other/secret", 0, 1).ok()) << "a name is no link";
}

TEST_F(ExternalFolderTest, ReadsHardLinksOnlyIfAllowed) {
  std::filesystem::create_hard_link(root_ / "other" / "secret", folder_ / "hard");
  EXPECT_THAT(std::string(Read("hard").status().message()),
              HasSubstr("has 2 hard links, of which another one may be anyone's"));
  auto folder = ExternalFolder::Open(folder_, {true, {}, /*hard_links=*/true});
  ASSERT_TRUE(folder.ok()) << folder.status();
  EXPECT_EQ(folder->Read("hard", 2, 3).value(), "234");
}

TEST_F(ExternalFolderTest, RefusesAModelThatIsNotBelowTheRoot) {
  EXPECT_FALSE(ExternalFolder::Open(folder_, {true, root_ / "other"}).ok());
}

TEST_F(ExternalFolderTest, DoesNotWaitForAPipe) {
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(Read("pipe").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace mlp
