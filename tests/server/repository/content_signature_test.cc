#include "server/repository/content_signature.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;

class ContentSignatureTest : public ::testing::Test {
 protected:
  ContentSignatureTest() { fs::create_directories(model() / "1"); }

  fs::path model() const { return folder_.path() / "repository" / "model"; }
  void Write(const fs::path& file, const std::string& content) {
    fs::create_directories(file.parent_path());
    std::ofstream(file) << content;
  }

  TemporaryFolder folder_;
};

TEST_F(ContentSignatureTest, ChangesWithAVersionThatLinksToTheModelsFolder) {
  Write(model() / "model.onnx", "one");
  fs::create_directory_symlink(".", model() / "2");
  const std::string before = SignatureOfEntry(model(), "2");
  Write(model() / "model.onnx", "another");
  EXPECT_NE(SignatureOfEntry(model(), "2"), before);
}

// Without a bound these would be 8^4 paths with 8 names each.
TEST_F(ContentSignatureTest, DoesNotEnterLinksThatLeadBackUp) {
  Write(model() / "1/model.onnx", "model");
  for (int i = 0; i < 8; ++i) fs::create_directory_symlink(".", model() / absl::StrCat("1/l", i));
  fs::create_directory_symlink("..", model() / "1/model");
  fs::create_directory_symlink("../..", model() / "1/repository");
  fs::create_directory_symlink("/", model() / "1/root");
  EXPECT_LT(SignatureOf(model())["1"].size(), 2000U);
  EXPECT_EQ(SignatureOf(model())["1"], SignatureOfEntry(model(), "1"));
}

TEST_F(ContentSignatureTest, EntersAFolderOnlyOnceDespiteManyLinks) {
  for (int folder = 0; folder < 3; ++folder) {
    const fs::path place = folder_.path() / absl::StrCat("other", folder);
    fs::create_directories(place);
    for (int i = 0; i < 16; ++i) {
      fs::create_directory_symlink(folder_.path() / absl::StrCat("other", folder + 1),
                                   place / absl::StrCat("l", i));
    }
  }
  Write(folder_.path() / "other3/file", "content");
  fs::create_directory_symlink(folder_.path() / "other0", model() / "1/other");
  const std::string before = SignatureOfEntry(model(), "1");
  EXPECT_LT(before.size(), 5000U);
  Write(folder_.path() / "other1/file", "content");
  EXPECT_NE(SignatureOfEntry(model(), "1"), before);
}

TEST_F(ContentSignatureTest, CountsAtMostTenThousandEntries) {
  for (int i = 0; i < 10'100; ++i) Write(model() / absl::StrCat("1/", 10'000 + i), "");
  const std::string before = SignatureOfEntry(model(), "1");
  Write(model() / "1/00000", "");
  EXPECT_NE(SignatureOfEntry(model(), "1"), before);
  fs::remove(model() / "1/00000");
  EXPECT_EQ(SignatureOfEntry(model(), "1"), before);
  Write(model() / "1/20099", "content");
  EXPECT_EQ(SignatureOfEntry(model(), "1"), before);
}

// The kubelet writes a folder with a new name, then renames a link to it into place.
TEST_F(ContentSignatureTest, ChangesWithAConfigMap) {
  const fs::path version = model() / "1";
  Write(version / "..2026_01/model.json", "one");
  fs::create_directory_symlink("..2026_01", version / "..data");
  fs::create_symlink("..data/model.json", version / "model.json");
  const std::string before = SignatureOfEntry(model(), "1");
  EXPECT_EQ(SignatureOfEntry(model(), "1"), before);
  Write(version / "..2026_02/model.json", "two");
  fs::create_directory_symlink("..2026_02", version / "..data_tmp");
  fs::rename(version / "..data_tmp", version / "..data");
  fs::remove_all(version / "..2026_01");
  EXPECT_NE(SignatureOfEntry(model(), "1"), before);
}

// The same for a ConfigMap that holds a model's whole folder, including its settings.
TEST_F(ContentSignatureTest, ChangesWithAConfigMapOfSettings) {
  Write(model() / "..2026_01/config.pbtxt", "one");
  fs::create_directory_symlink("..2026_01", model() / "..data");
  fs::create_symlink("..data/config.pbtxt", model() / "config.pbtxt");
  const ContentSignature before = SignatureOf(model());
  Write(model() / "..2026_02/config.pbtxt", "two");
  fs::create_directory_symlink("..2026_02", model() / "..data_tmp");
  fs::rename(model() / "..data_tmp", model() / "..data");
  EXPECT_NE(SignatureOf(model()), before);
  EXPECT_EQ(SignatureOf(model()).size(), 2U);
}

}  // namespace
}  // namespace mlp
