#include "server/access/access_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/descriptor_limit.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

constexpr char kOneCaller[] = "name=a role=infer models=* cn=a\n";
constexpr char kTwoCallers[] = "name=a role=infer models=* cn=a\nname=b role=infer models=* cn=b\n";

class AccessFileTest : public ::testing::Test {
 protected:
  void Write(const std::string& text) const { std::ofstream(path_) << text; }

  const TemporaryFolder folder_;
  const std::string path_ = (folder_.path() / "tokens").string();
  AccessFile file_{path_};
};

TEST_F(AccessFileTest, IsReadOnceItStopsChanging) {
  Write(kOneCaller);
  ASSERT_EQ((*file_.Read())->size(), 1U);
  EXPECT_FALSE(file_.ReadIfDue().changed);
  Write(kTwoCallers);
  EXPECT_FALSE(file_.ReadIfDue().changed);  // a program may still be writing it
  const AccessFile::ReadResult look = file_.ReadIfDue();
  ASSERT_TRUE(look.changed);
  EXPECT_EQ((*look.list)->size(), 2U);
  EXPECT_FALSE(file_.ReadIfDue().changed);
}

TEST_F(AccessFileTest, IsRefusedOnlyOnceIfItIsInvalid) {
  Write(kOneCaller);
  ASSERT_TRUE(file_.Read().ok());
  for (const char* wrong : {"", "# nobody\n", "name=a role=king models=* cn=a\n"}) {
    Write(wrong);
    file_.ReadIfDue();
    const AccessFile::ReadResult look = file_.ReadIfDue();
    ASSERT_TRUE(look.changed) << wrong;
    EXPECT_FALSE(look.list.ok()) << wrong;
    EXPECT_FALSE(file_.ReadIfDue().changed) << wrong;
  }
  std::filesystem::remove(path_);
  file_.ReadIfDue();
  EXPECT_EQ(file_.ReadIfDue().list.status().code(), absl::StatusCode::kNotFound);
}

// A removed caller must not stay in force because there was no free descriptor for a moment.
TEST_F(AccessFileTest, IsReadAgainAfterAReadThatFailed) {
  Write(kTwoCallers);
  ASSERT_TRUE(file_.Read().ok());
  Write(kOneCaller);
  file_.ReadIfDue();
  AccessFile::ReadResult refused;
  {
    const DescriptorLimit none(0);
    refused = file_.ReadIfDue();
    for (int i = 0; i < 20; ++i) EXPECT_FALSE(file_.ReadIfDue().changed) << "said once";
  }
  EXPECT_TRUE(refused.changed);
  EXPECT_FALSE(refused.list.ok());
  AccessFile::ReadResult taken;
  for (int i = 0; i < 5 && !taken.changed; ++i) taken = file_.ReadIfDue();
  ASSERT_TRUE(taken.changed);
  ASSERT_TRUE(taken.list.ok()) << taken.list.status();
  EXPECT_EQ((*taken.list)->size(), 1U);
}

// A program that writes the file again and again must not keep removed callers in force.
TEST_F(AccessFileTest, IsReadEvenIfItKeepsChanging) {
  Write(kTwoCallers);
  ASSERT_TRUE(file_.Read().ok());
  AccessFile::ReadResult look;
  for (int i = 0; i < 12 && !look.changed; ++i) {
    Write(kOneCaller + std::string(static_cast<std::size_t>(i), '\n'));
    look = file_.ReadIfDue();
  }
  ASSERT_TRUE(look.changed);
  EXPECT_EQ((*look.list)->size(), 1U);
}

TEST_F(AccessFileTest, NamesTheOptionTheFileAndWhatIsWrong) {
  EXPECT_THAT(std::string(file_.Read().status().message()), HasSubstr("--tokens-file: '"));
  Write(kOneCaller);
  ASSERT_EQ(chmod(path_.c_str(), 0666), 0);
  EXPECT_THAT(std::string(file_.Read().status().message()),
              HasSubstr("every user of this machine can write it"));
}

// Other kinds of file must not block the server, or be read without an end.
TEST_F(AccessFileTest, MustBeARegularFile) {
  const std::string pipe = (folder_.path() / "pipe").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string folder = folder_.path().string();
  for (const std::string& no_file : {pipe, folder, std::string("/dev/zero"),
                                     std::string("/dev/null"), std::string("/dev/full")}) {
    EXPECT_FALSE(AccessFile(no_file).Read().ok()) << no_file;
  }
  // A regular file that becomes another kind of file while in use.
  Write(kOneCaller);
  ASSERT_TRUE(file_.Read().ok());
  std::filesystem::remove(path_);
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  file_.ReadIfDue();
  EXPECT_THAT(std::string(file_.ReadIfDue().list.status().message()),
              HasSubstr("not a regular file"));
}

TEST_F(AccessFileTest, MayHaveWindowsLineEndings) {
  Write("name=a role=infer models=* cn=a\r\n\r\n# b\r\nname=b role=infer models=* cn=b\r\n");
  const auto list = file_.Read();
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ((*list)->size(), 2U);
}

}  // namespace
}  // namespace mlp
