#include "server/sockets/unix_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "server/sockets/listener.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

class UnixSocketTest : public ::testing::Test {
 protected:
  std::string ErrorAt(const std::string& path) const {
    return std::string(ListenOnUnixSocket(path, 0600).status().message());
  }

  const TemporaryFolder folder_;
  const std::string path_ = (folder_.path() / "socket").string();
};

TEST_F(UnixSocketTest, HasItsModeUnderEveryUmask) {
  const mode_t mask = umask(0077);
  const auto listening = ListenOnUnixSocket(path_, 0666);
  umask(mask);
  ASSERT_TRUE(listening.ok()) << listening.status();
  struct stat facts {};
  ASSERT_EQ(stat(path_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0666);
}

TEST_F(UnixSocketTest, ReplacesOnlyASocketWithoutAListener) {
  {
    const auto first = ListenOnUnixSocket(path_, 0600);
    ASSERT_TRUE(first.ok()) << first.status();
    EXPECT_EQ(ErrorAt(path_), "is in use");
  }
  EXPECT_TRUE(ListenOnUnixSocket(path_, 0600).ok());
  const std::string file = (folder_.path() / "file").string();
  std::ofstream(file) << "of somebody";
  EXPECT_THAT(ErrorAt(file), HasSubstr("not a socket"));
  EXPECT_TRUE(std::filesystem::exists(file));
  EXPECT_THAT(ErrorAt((folder_.path() / "none" / "socket").string()), HasSubstr("folder"));
  EXPECT_THAT(ErrorAt(std::string(200, 'a')), HasSubstr("1 to 107 bytes"));
}

TEST_F(UnixSocketTest, FollowsNoLinkAndReplacesNoFolder) {
  const std::string link = (folder_.path() / "link").string();
  std::filesystem::create_symlink(path_, link);
  EXPECT_THAT(ErrorAt(link), HasSubstr("not a socket"));
  EXPECT_FALSE(std::filesystem::exists(path_));
  // Also where the link leads to a socket that nobody listens at.
  ASSERT_TRUE(ListenOnUnixSocket(path_, 0600).ok());
  EXPECT_THAT(ErrorAt(link), HasSubstr("not a socket"));
  EXPECT_TRUE(std::filesystem::exists(path_));
  EXPECT_THAT(ErrorAt(folder_.path().string()), HasSubstr("not a socket"));
  EXPECT_EQ(
      ErrorAt(
          (folder_.path() / std::string(107 - folder_.path().string().size() - 1, 'a')).string()),
      "");
  EXPECT_THAT(
      ErrorAt(
          (folder_.path() / std::string(108 - folder_.path().string().size() - 1, 'a')).string()),
      HasSubstr("1 to 107 bytes"));
}

TEST_F(UnixSocketTest, IsRemovedWithItsListener) {
  auto listener = Listener::Listen("unix:" + path_);
  ASSERT_TRUE(listener.ok()) << listener.status();
  EXPECT_EQ((*listener)->addresses(), "unix:" + path_);
  EXPECT_EQ((*listener)->port(), 0);
  (*listener)->Stop();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(UnixSocketTest, LeavesTheSocketOfAnotherServer) {
  auto ours = Listener::Listen("unix:" + path_);
  ASSERT_TRUE(ours.ok()) << ours.status();
  std::filesystem::remove(path_);
  auto others = Listener::Listen("unix:" + path_);
  ASSERT_TRUE(others.ok()) << others.status();
  (*ours)->Stop();
  EXPECT_TRUE(std::filesystem::exists(path_));
  (*others)->Stop();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace mlp
