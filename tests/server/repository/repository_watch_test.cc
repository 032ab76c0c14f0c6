#include "server/repository/repository_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>

#include "tests/temporary_folder.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RepositoryWatchTest : public ::testing::Test {
 protected:
  void Write(const fs::path& path, const std::string& content) {
    fs::create_directories((root() / path).parent_path());
    std::ofstream(root() / path) << content;
  }
  RepositoryChanges Look() { return watch_.Look(loaded_).value(); }
  void Loaded(const std::string& name) { loaded_[name] = SignatureOf(root() / name); }
  fs::path root() const { return folder_.path(); }

  TemporaryFolder folder_;
  RepositoryWatch watch_{folder_.path()};
  std::map<std::string, ContentSignature> loaded_;
};

TEST_F(RepositoryWatchTest, ReportsANewModelAtTheSecondLook) {
  Write("m/1/model.onnx", "x");
  const RepositoryChanges first = Look();
  EXPECT_THAT(first.changed, IsEmpty());
  EXPECT_TRUE(first.unsettled);
  const RepositoryChanges second = Look();
  EXPECT_THAT(second.changed, ElementsAre("m"));
  EXPECT_FALSE(second.unsettled);
  Loaded("m");
  EXPECT_THAT(Look().changed, IsEmpty());
}

TEST_F(RepositoryWatchTest, WaitsForAFolderThatIsStillBeingWritten) {
  Write("m/1/model.onnx", "half");
  EXPECT_TRUE(Look().unsettled);
  Write("m/1/model.onnx", "half and the rest");
  EXPECT_TRUE(Look().unsettled);
  EXPECT_THAT(Look().changed, ElementsAre("m"));
}

TEST_F(RepositoryWatchTest, ReportsEveryKindOfChange) {
  Write("m/1/model.onnx", "x");
  Loaded("m");
  const auto is_told = [&](const char* what) {
    Look();
    EXPECT_THAT(Look().changed, ElementsAre("m")) << what;
    Loaded("m");
    EXPECT_FALSE(Look().unsettled);
  };
  Write("m/2/model.onnx", "x");
  is_told("a version");
  Write("m/config.pbtxt", "name: 'm'");
  is_told("a configuration");
  Write("m/warmup/row", "x");
  is_told("a warm-up file");
  const auto time = fs::last_write_time(root() / "m/1/model.onnx");
  Write("m/1/model.onnx", "y");
  fs::last_write_time(root() / "m/1/model.onnx", time);
  is_told("a file of the same size and time");
  fs::remove_all(root() / "m/2");
  is_told("a version that is gone");
  Write("m/.3/model.onnx", "x");
  EXPECT_FALSE(Look().unsettled) << "a hidden folder";
}

TEST_F(RepositoryWatchTest, ReportsRemovalsAtTheSecondLook) {
  Write("m/1/model.onnx", "x");
  Loaded("m");
  fs::rename(root() / "m", root() / ".m");
  EXPECT_THAT(Look().gone, IsEmpty());
  fs::rename(root() / ".m", root() / "m");
  EXPECT_FALSE(Look().unsettled) << "it is back";
  fs::remove_all(root() / "m");
  Look();
  EXPECT_THAT(Look().gone, ElementsAre("m"));
}

TEST_F(RepositoryWatchTest, ReportsAWarningOnce) {
  Write("two words/1/model.onnx", "x");
  EXPECT_THAT(Look().warnings, SizeIs(1));
  EXPECT_THAT(Look().warnings, IsEmpty());
}

TEST_F(RepositoryWatchTest, FailsWithoutARepository) {
  fs::remove_all(root());
  EXPECT_EQ(watch_.Look(loaded_).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(RepositoryWatchTest, SurvivesLinksInACircle) {
  Write("m/1/model.onnx", "x");
  fs::create_directory_symlink("..", root() / "m/1/up");
  EXPECT_FALSE(SignatureOf(root() / "m").empty());
}

}  // namespace
}  // namespace mlp
