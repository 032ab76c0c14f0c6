#include "server/repository/model_repository.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "tests/server/repository/model_repository_test.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST_F(RepositoryTest, ListsEveryVersionOfEveryModelByNameAndNumber) {
  AddModel("tanh/10/model.onnx");
  AddModel("tanh/9/model.onnx");
  AddModel("elu/1/model.onnx");
  const Contents contents = Load();
  EXPECT_THAT(Listed(contents), ElementsAre("elu/1", "tanh/9", "tanh/10"));
  EXPECT_THAT(contents.warnings, IsEmpty());
  EXPECT_EQ(contents.versions.front().network->inputs().front().width(), 64);
}

TEST_F(RepositoryTest, LoadsTheNativeFormatToo) {
  const fs::path native = fs::path(MLP_SOURCE_DIR) / "tests/fixtures/native/good/pytorch";
  AddModel("both/1/model.onnx");
  fs::create_directories(root() / "native/1");
  for (const char* name : {"model.json", "model.safetensors"}) {
    fs::copy_file(native / name, root() / "native/1" / name);
    fs::copy_file(native / name, root() / "both/1" / name);
  }
  AddFile("half/1/model.json", "{}");
  fs::create_directories(root() / "neither/1");
  const Contents contents = Load();
  ASSERT_THAT(Listed(contents), ElementsAre("both/1!", "half/1!", "native/1", "neither/1!"));
  EXPECT_THAT(contents.versions[0].status.message(), HasSubstr("there are both model.onnx and"));
  EXPECT_THAT(contents.versions[1].status.message(), HasSubstr("no file 'model.safetensors'"));
  EXPECT_EQ(contents.versions[2].network->inputs()[0].width(), 7);
  EXPECT_THAT(contents.versions[3].status.message(), HasSubstr("and no 'model.safetensors' with"));
  const auto file = LoadModelFile(root() / "native/1/model.json");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(Listed({{*file}, {}}), ElementsAre("native/1"));
}

TEST_F(RepositoryTest, HasNoModelsIfItIsEmpty) {
  EXPECT_THAT(Load().versions, IsEmpty());
  EXPECT_THAT(Load().warnings, IsEmpty());
}

TEST_F(RepositoryTest, SilentlySkipsHiddenNamesAndPlainFiles) {
  AddModel("tanh/1/model.onnx");
  AddModel(".hidden/1/model.onnx");
  AddModel("tanh/.2/model.onnx");
  AddFile("README.md", "what is here");
  AddFile("tanh/labels.txt", "zero");
  AddFile("tanh/3", "a file that is called as a version");
  const Contents contents = Load();
  EXPECT_THAT(Listed(contents), ElementsAre("tanh/1"));
  EXPECT_THAT(contents.warnings, IsEmpty());
}

class FolderThatIsNoVersionTest : public RepositoryTest,
                                  public ::testing::WithParamInterface<const char*> {};

TEST_P(FolderThatIsNoVersionTest, IsSkippedWithAWarningNextToAGoodOne) {
  AddModel("tanh/1/model.onnx");
  AddModel(fs::path("tanh") / GetParam() / "model.onnx");
  const Contents contents = Load();
  EXPECT_THAT(Listed(contents), ElementsAre("tanh/1"));
  ASSERT_EQ(contents.warnings.size(), 1U);
  EXPECT_THAT(contents.warnings.front(), HasSubstr("model 'tanh'"));
  EXPECT_THAT(contents.warnings.front(), HasSubstr("a positive integer"));
  EXPECT_THAT(contents.warnings.front(), Not(HasSubstr("\n")));
}

INSTANTIATE_TEST_SUITE_P(All, FolderThatIsNoVersionTest,
                         ::testing::Values("latest", "1abc", "v2", "0", "01", "-1", "+1", "1 ",
                                           " 1", "1.0", "2\n", "99999999999999999999"));

TEST_F(RepositoryTest, RefusesABrokenModelAndServesTheOthers) {
  AddModel("tanh/1/model.onnx");
  AddFile("tanh/2/model.onnx", "no model at all");
  AddFile("empty-file/1/model.onnx", "");
  fs::create_directories(root() / "folder/1/model.onnx");
  fs::create_directories(root() / "no-file/1");
  const Contents contents = Load();
  EXPECT_THAT(Listed(contents),
              ElementsAre("empty-file/1!", "folder/1!", "no-file/1!", "tanh/1", "tanh/2!"));
  for (const ModelVersion& version : contents.versions) {
    if (version.network.has_value()) continue;
    EXPECT_THAT(version.status.message(), HasSubstr("model.onnx"));
    // Clients get the reason, but no path on the server.
    EXPECT_THAT(version.status.message(), Not(HasSubstr(root().string())));
  }
}

TEST_F(RepositoryTest, RefusesAPipeInsteadOfWaitingForIt) {
  AddModel("tanh/1/model.onnx");
  fs::create_directories(root() / "pipe/1");
  ASSERT_EQ(mkfifo((root() / "pipe/1/model.onnx").c_str(), 0600), 0);
  EXPECT_THAT(Listed(Load()), ElementsAre("pipe/1!", "tanh/1"));
}

// Kubernetes mounts a ConfigMap like this: names link into a hidden folder, which is swapped.
TEST_F(RepositoryTest, FollowsLinksToModelsVersionsAndFiles) {
  AddModel("..data/tanh/1/model.onnx");
  fs::create_directory_symlink("..data/tanh", root() / "linked-model");
  fs::create_directories(root() / "linked-version");
  fs::create_directory_symlink("../..data/tanh/1", root() / "linked-version/7");
  fs::create_directories(root() / "linked-file/1");
  fs::create_symlink("../../..data/tanh/1/model.onnx", root() / "linked-file/1/model.onnx");
  const Contents contents = Load();
  EXPECT_THAT(Listed(contents), ElementsAre("linked-file/1", "linked-model/1", "linked-version/7"));
  EXPECT_THAT(contents.warnings, IsEmpty());
}

TEST_F(RepositoryTest, SurvivesLinksThatLeadNowhereOrInACircle) {
  AddModel("tanh/1/model.onnx");
  fs::create_directory_symlink("no-such-folder", root() / "gone");
  fs::create_directory_symlink("circle", root() / "circle");
  fs::create_directories(root() / "gone-file/1");
  fs::create_symlink("no-such-file", root() / "gone-file/1/model.onnx");
  const Contents contents = Load();
  EXPECT_THAT(Listed(contents), ElementsAre("gone-file/1!", "tanh/1"));
  EXPECT_THAT(contents.warnings, ElementsAre(HasSubstr("'circle'"), HasSubstr("'gone'")));
}

class BadModelNameTest : public RepositoryTest,
                         public ::testing::WithParamInterface<const char*> {};

TEST_P(BadModelNameTest, IsSkippedWithAWarningOfOneLine) {
  AddModel("tanh/1/model.onnx");
  AddModel(fs::path(GetParam()) / "1/model.onnx");
  const Contents contents = Load();
  EXPECT_THAT(Listed(contents), ElementsAre("tanh/1"));
  ASSERT_EQ(contents.warnings.size(), 1U);
  EXPECT_THAT(contents.warnings.front(), HasSubstr("not a model name; expected 1 to 128 letters"));
  EXPECT_THAT(contents.warnings.front(), Not(HasSubstr("\n")));
}

INSTANTIATE_TEST_SUITE_P(All, BadModelNameTest,
                         ::testing::Values("two words", "line\nbreak", "quote\"", "caf\xc3\xa9",
                                           "back\\slash"));

TEST_F(RepositoryTest, IsNotFoundWithoutAFolder) {
  const auto contents = ListRepository(root() / "nothing");
  EXPECT_EQ(contents.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(contents.status().message(), HasSubstr("nothing' does not exist"));
}

TEST_F(RepositoryTest, IsInvalidIfItIsAFile) {
  AddFile("model.onnx", "x");
  const auto contents = ListRepository(root() / "model.onnx");
  EXPECT_EQ(contents.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(contents.status().message(), HasSubstr("--model"));
}

TEST_F(RepositoryTest, IsDeniedIfItCannotBeRead) {
  if (geteuid() == 0) GTEST_SKIP() << "nothing is denied to root";
  AddModel("closed/tanh/1/model.onnx");
  fs::permissions(root() / "closed", fs::perms::none);
  for (const fs::path& path : {root() / "closed", root() / "closed/tanh"}) {
    EXPECT_EQ(ListRepository(path).status().code(), absl::StatusCode::kPermissionDenied);
  }
  EXPECT_THAT(Listed(Load()), ElementsAre("closed/0!"));
  fs::permissions(root() / "closed", fs::perms::owner_all);
}

}  // namespace
}  // namespace mlp
