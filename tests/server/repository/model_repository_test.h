// A repository that the test builds file by file.

#ifndef MLP_TESTS_SERVER_REPOSITORY_MODEL_REPOSITORY_TEST_H_
#define MLP_TESTS_SERVER_REPOSITORY_MODEL_REPOSITORY_TEST_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/repository/model_repository.h"
#include "tests/temporary_folder.h"

namespace mlp {

class RepositoryTest : public ::testing::Test {
 protected:
  struct Contents {
    std::vector<ModelVersion> versions;
    std::vector<std::string> warnings;
  };

  RepositoryTest() { std::filesystem::create_directories(root()); }

  std::filesystem::path root() const { return folder_.path() / "repository"; }

  // Puts a valid model at `path` below the root.
  void AddModel(const std::filesystem::path& path) {
    std::filesystem::create_directories((root() / path).parent_path());
    std::filesystem::copy_file(
        std::filesystem::path(MLP_SOURCE_DIR) / "deploy/models/repository/digits-tanh/1/model.onnx",
        root() / path);
  }
  void AddFile(const std::filesystem::path& path, const std::string& content) {
    std::filesystem::create_directories((root() / path).parent_path());
    std::ofstream(root() / path) << content;
  }

  // Loads every version of every model, as a server without a policy does.
  Contents Load() {
    const RepositoryListing listing = ListRepository(root()).value();
    Contents contents{{}, listing.warnings};
    for (const std::string& name : listing.models) LoadModel(name, contents);
    return contents;
  }

  // "name/version", followed by "!" for refused versions.
  static std::vector<std::string> Listed(const Contents& contents) {
    std::vector<std::string> listed;
    for (const ModelVersion& version : contents.versions) {
      EXPECT_EQ(version.network.has_value(), version.status.ok()) << version.status;
      listed.push_back(
          absl::StrCat(version.name, "/", version.version, version.network.has_value() ? "" : "!"));
    }
    return listed;
  }

 private:
  void LoadModel(const std::string& name, Contents& contents) {
    const auto listing = ListVersions(root() / name, name);
    if (!listing.ok()) {
      contents.versions.emplace_back().name = name;
      contents.versions.back().status = listing.status();
      return;
    }
    contents.warnings.insert(contents.warnings.end(), listing->warnings.begin(),
                             listing->warnings.end());
    const auto settings = ReadModelSettings(root() / name, name);
    for (const std::int64_t version : listing->versions) {
      if (settings.ok()) {
        contents.versions.push_back(LoadVersion(root() / name, name, version, *settings));
        continue;
      }
      contents.versions.emplace_back().name = name;
      contents.versions.back().version = version;
      contents.versions.back().status = settings.status();
    }
  }

  TemporaryFolder folder_;
};

}  // namespace mlp

#endif  // MLP_TESTS_SERVER_REPOSITORY_MODEL_REPOSITORY_TEST_H_
