#include "server/repository/model_repository.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct RepositoryContents {
  std::vector<ModelVersion> versions;
  std::vector<std::string> warnings;
};

fs::path SampleFile() {
  return fs::path(MLP_SOURCE_DIR) / "deploy/models/repository/digits-tanh/1/model.onnx";
}

// A repository that the test builds file by file.
class RepositoryTest : public ::testing::Test {
 protected:
  RepositoryTest() { fs::create_directories(root()); }

  fs::path root() const { return folder_.path() / "repository"; }
  fs::path outside() const { return folder_.path() / "outside"; }

  // Puts a valid model at `path` below the root.
  void AddModel(const fs::path& path) {
    fs::create_directories((root() / path).parent_path());
    fs::copy_file(SampleFile(), root() / path);
  }
  void AddFile(const fs::path& path, const std::string& content) {
    fs::create_directories((root() / path).parent_path());
    std::ofstream(root() / path) << content;
  }

  // Loads every version of every model, as a server without a policy does.
  RepositoryContents Load() {
    const RepositoryListing listing = ListRepository(root()).value();
    RepositoryContents contents{{}, listing.warnings};
    for (const std::string& name : listing.models) LoadModel(name, contents);
    return contents;
  }

  // "name/version", followed by "!" for refused versions.
  static std::vector<std::string> Listed(const RepositoryContents& contents) {
    std::vector<std::string> listed;
    for (const ModelVersion& version : contents.versions) {
      EXPECT_EQ(version.network.has_value(), version.status.ok()) << version.status;
      listed.push_back(
          absl::StrCat(version.name, "/", version.version, version.network.has_value() ? "" : "!"));
    }
    return listed;
  }

 private:
  void LoadModel(const std::string& name, RepositoryContents& contents) {
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

TEST_F(RepositoryTest, ListsEveryVersionOfEveryModelByNameAndNumber) {
  AddModel("tanh/10/model.onnx");
  AddModel("tanh/9/model.onnx");
  AddModel("elu/1/model.onnx");
  const RepositoryContents contents = Load();
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
  const RepositoryContents contents = Load();
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
  const RepositoryContents contents = Load();
  EXPECT_THAT(Listed(contents), ElementsAre("tanh/1"));
  EXPECT_THAT(contents.warnings, IsEmpty());
}

TEST_F(RepositoryTest, ReadsAModelsConfiguration) {
  AddModel("tanh/1/network.onnx");
  AddFile("tanh/labels.txt", "zero\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n");
  AddFile("tanh/config.pbtxt", R"(
    name: "tanh" backend: "mlpserve" max_batch_size: 8 default_model_filename: "network.onnx"
    input { name: "pixels" data_type: TYPE_FP32 dims: 64 }
    output { name: "probabilities" dims: 10 label_filename: "labels.txt" }
    parameters { key: "owner" value { string_value: "we" } }
    parameters { key: "weights" value { string_value: "int8" } })");
  const RepositoryContents contents = Load();
  ASSERT_THAT(Listed(contents), ElementsAre("tanh/1"));
  const ModelVersion& version = contents.versions[0];
  ASSERT_TRUE(version.network.has_value()) << version.status;
  EXPECT_EQ(version.settings.config.max_batch_size(), 8);
  EXPECT_EQ(version.settings.weights, WeightStorage::kInt8);
  for (std::size_t i = 0; i < version.network->outputs().size(); ++i) {
    const bool labelled = version.network->outputs()[i].tensor.name == "probabilities";
    EXPECT_EQ(version.settings.labels[i].size(), labelled ? 10U : 0U);
  }
}

// With max_batch_size 0, `dims` are Triton's full shape, including the batch. The network has no
// batch dimension, so a batch of 1 and one of any size are the same to it.
TEST_F(RepositoryTest, TakesDimsWithTheBatchIfMaxBatchSizeIsZero) {
  AddModel("tanh/1/model.onnx");
  for (const char* batch : {"1, ", "-1, ", "8, ", ""}) {
    AddFile("tanh/config.pbtxt",
            absl::StrCat("max_batch_size: 0 input { name: 'pixels' dims: [", batch,
                         "64] } output { name: 'probabilities' dims: [", batch, "10] }"));
    const RepositoryContents contents = Load();
    ASSERT_THAT(Listed(contents), ElementsAre("tanh/1")) << contents.versions[0].status;
  }
}

struct WrongConfiguration {
  const char* name;
  const char* text;
  const char* message;
};

void PrintTo(const WrongConfiguration& wrong, std::ostream* stream) { *stream << wrong.name; }

class WrongConfigurationTest : public RepositoryTest,
                               public ::testing::WithParamInterface<WrongConfiguration> {};

TEST_P(WrongConfigurationTest, RefusesTheModelWithItsReason) {
  AddModel("tanh/1/model.onnx");
  AddFile("tanh/short.txt", "one\ntwo\n");
  AddFile("tanh/latin.txt", "\xdf");
  AddFile("tanh/config.pbtxt", GetParam().text);
  const RepositoryContents contents = Load();
  ASSERT_THAT(Listed(contents), ElementsAre("tanh/1!"));
  EXPECT_THAT(std::string(contents.versions[0].status.message()), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongConfigurationTest,
    ::testing::Values(
        WrongConfiguration{"UnknownField", "sequence_batching { }",
                           "config.pbtxt: unsupported fields: sequence_batching; supported: name"},
        WrongConfiguration{"NoText", "max_batch_size: many", "config.pbtxt, line 1, column 17"},
        WrongConfiguration{"AnotherName", "name: 'relu'",
                           "config.pbtxt: name is 'relu'; the folder is 'tanh'"},
        WrongConfiguration{"AnotherBackend", "backend: 'pytorch'",
                           "backend is 'pytorch'; expected 'mlpserve' or 'onnxruntime'"},
        WrongConfiguration{"AnotherPlatform", "platform: 'tensorrt_plan'",
                           "platform is 'tensorrt_plan'; expected 'mlpserve_onnx' or"},
        WrongConfiguration{"NegativeBatch", "max_batch_size: -1", "max_batch_size is -1"},
        WrongConfiguration{"UnknownWeights",
                           "parameters { key: 'weights' value { string_value: 'int4' } }",
                           "config.pbtxt: parameter 'weights': 'int4' is not a storage of weights; "
                           "expected float32, bfloat16 or int8"},
        WrongConfiguration{"FileElsewhere", "default_model_filename: '../2/model.onnx'",
                           "expected the name of a file in the version"},
        WrongConfiguration{"UnknownInput", "input { name: 'y' }", "the model has no input 'y'"},
        WrongConfiguration{"UnknownOutput", "output { name: 'y' }", "the model has no output 'y'"},
        WrongConfiguration{"InputTwice", "input { name: 'pixels' } input { name: 'pixels' }",
                           "config.pbtxt: the input 'pixels' is listed twice"},
        WrongConfiguration{"OutputTwice",
                           "output { name: 'probabilities' } output { name: 'probabilities' }",
                           "config.pbtxt: the output 'probabilities' is listed twice"},
        WrongConfiguration{"AnotherDatatype", "input { name: 'pixels' data_type: TYPE_INT8 }",
                           "input 'pixels' has data_type TYPE_INT8; the model has FP32"},
        WrongConfiguration{"OtherDimensions", "output { name: 'probabilities' dims: [2, 5] }",
                           "output 'probabilities' has dims [2,5]; the model has [10], or [-1,10] "
                           "with the batch"},
        WrongConfiguration{"BatchOfNoRows", "output { name: 'probabilities' dims: [0, 10] }",
                           "has dims [0,10]; the model has [10], or [-1,10] with the batch"},
        WrongConfiguration{"BatchBesideMaxBatchSize",
                           "max_batch_size: 8 input { name: 'pixels' dims: [1, 64] }",
                           "input 'pixels' has dims [1,64]; the model has [64], without the batch, "
                           "as max_batch_size is 8"},
        WrongConfiguration{"LabelsElsewhere",
                           "output { name: 'probabilities' label_filename: '../labels.txt' }",
                           "label_filename is '../labels.txt'; expected the name of a file"},
        WrongConfiguration{"NoLabels",
                           "output { name: 'probabilities' label_filename: 'labels.txt' }",
                           "there is no file 'labels.txt'"},
        WrongConfiguration{"TooFewLabels",
                           "output { name: 'probabilities' label_filename: 'short.txt' }",
                           "the label file 'short.txt' has 2 lines; expected 10"},
        WrongConfiguration{"LabelsOfAnotherEncoding",
                           "output { name: 'probabilities' label_filename: 'latin.txt' }",
                           "the label file 'latin.txt' is not UTF-8"}),
    [](const auto& param) { return std::string(param.param.name); });

class FolderThatIsNoVersionTest : public RepositoryTest,
                                  public ::testing::WithParamInterface<const char*> {};

TEST_P(FolderThatIsNoVersionTest, IsSkippedWithAWarningNextToAGoodOne) {
  AddModel("tanh/1/model.onnx");
  AddModel(fs::path("tanh") / GetParam() / "model.onnx");
  const RepositoryContents contents = Load();
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
  const RepositoryContents contents = Load();
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
  const RepositoryContents contents = Load();
  EXPECT_THAT(Listed(contents), ElementsAre("linked-file/1", "linked-model/1", "linked-version/7"));
  EXPECT_THAT(contents.warnings, IsEmpty());
}

TEST_F(RepositoryTest, SurvivesLinksThatLeadNowhereOrInACircle) {
  AddModel("tanh/1/model.onnx");
  fs::create_directory_symlink("no-such-folder", root() / "gone");
  fs::create_directory_symlink("circle", root() / "circle");
  fs::create_directories(root() / "gone-file/1");
  fs::create_symlink("no-such-file", root() / "gone-file/1/model.onnx");
  const RepositoryContents contents = Load();
  EXPECT_THAT(Listed(contents), ElementsAre("gone-file/1!", "tanh/1"));
  EXPECT_THAT(contents.warnings, ElementsAre(HasSubstr("'circle'"), HasSubstr("'gone'")));
}

class BadModelNameTest : public RepositoryTest,
                         public ::testing::WithParamInterface<const char*> {};

TEST_P(BadModelNameTest, IsSkippedWithAWarningOfOneLine) {
  AddModel("tanh/1/model.onnx");
  AddModel(fs::path(GetParam()) / "1/model.onnx");
  const RepositoryContents contents = Load();
  EXPECT_THAT(Listed(contents), ElementsAre("tanh/1"));
  ASSERT_EQ(contents.warnings.size(), 1U);
  EXPECT_THAT(contents.warnings.front(), HasSubstr("not a model name; expected 1 to 128 letters"));
  EXPECT_THAT(contents.warnings.front(), Not(HasSubstr("\n")));
}

INSTANTIATE_TEST_SUITE_P(All, BadModelNameTest,
                         ::testing::Values("two words", "line\nbreak", "quote\"", "caf\xc3\xa9",
                                           "back\\slash"));

TEST(IsModelNameTest, TakesLettersDigitsAndThreeSigns) {
  for (const std::string& name : {std::string("a"), std::string("Digits-tanh_2.1"),
                                  std::string("-"), std::string("7"), std::string(128, 'x')}) {
    EXPECT_TRUE(IsModelName(name)) << name;
  }
  for (const std::string& name :
       {std::string(), std::string("."), std::string(".hidden"), std::string(".."),
        std::string(129, 'x'), std::string("a/b"), std::string("a b"), std::string("a\0b", 3)}) {
    EXPECT_FALSE(IsModelName(name)) << name;
  }
}

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

struct FileCase {
  const char* path;
  const char* name;
  std::int64_t version;
};

void PrintTo(const FileCase& file, std::ostream* out) { *out << file.path; }

class ModelFileTest : public RepositoryTest, public ::testing::WithParamInterface<FileCase> {};

TEST_P(ModelFileTest, IsNamedAfterItsPlaceInARepositoryOrItself) {
  const auto [path, name, version] = GetParam();
  AddModel(path);
  const auto contents = LoadModelFile(root() / path);
  ASSERT_TRUE(contents.ok()) << contents.status();
  EXPECT_EQ(contents->name, name);
  EXPECT_EQ(contents->version, version);
}

INSTANTIATE_TEST_SUITE_P(All, ModelFileTest,
                         ::testing::Values(FileCase{"tanh/12/model.onnx", "tanh", 12},
                                           FileCase{"tanh/./12/../12/model.onnx", "tanh", 12},
                                           FileCase{"digits.onnx", "digits", 1},
                                           FileCase{"digits.v2.onnx", "digits.v2", 1},
                                           FileCase{"digits", "digits", 1},
                                           FileCase{"tanh/3/other.onnx", "other", 1},
                                           FileCase{"tanh/latest/model.onnx", "model", 1},
                                           FileCase{"tanh/007/model.onnx", "model", 1}));

TEST_F(RepositoryTest, RefusesAFileWhoseNameIsNoModelName) {
  AddModel("two words.onnx");
  const auto contents = LoadModelFile(root() / "two words.onnx");
  EXPECT_EQ(contents.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(contents.status().message(), HasSubstr("'two words'"));
  // A browser gives such a name to a second download.
  AddModel("my model (1).onnx");
  EXPECT_THAT(LoadModelFile(root() / "my model (1).onnx").status().message(),
              HasSubstr("'my model (1)', from the file's name, is not a model name; expected 1 to "
                        "128 letters, digits, '.', '_' and '-', not starting with a dot; rename "
                        "it, for example to 'my_model_1'"));
  AddModel("two words/1/model.onnx");
  EXPECT_THAT(LoadModelFile(root() / "two words/1/model.onnx").status().message(),
              HasSubstr("from the folder's name"));
}

// The name that an error proposes must be a valid one.
TEST(ModelNameRuleTest, ProposesAValidName) {
  for (const std::string& name :
       {std::string("my model (1)"), std::string(".hidden"), std::string("..."), std::string(),
        std::string("\xd0\xbc\xd0\xbe"), std::string("a//b"), std::string(300, 'a')}) {
    const std::string rule = ModelNameRule(name);
    const std::size_t start = rule.rfind(" '") + 2;
    EXPECT_TRUE(IsModelName(rule.substr(start, rule.size() - start - 1))) << rule;
  }
}

TEST_F(RepositoryTest, RefusesAFileThatIsMissingOrNoModel) {
  EXPECT_EQ(LoadModelFile(root() / "gone.onnx").status().code(), absl::StatusCode::kNotFound);
  AddFile("text.onnx", "no model at all");
  EXPECT_THAT(LoadModelFile(root() / "text.onnx").status().message(), HasSubstr("text.onnx"));
}

}  // namespace
}  // namespace mlp
