// A single model file and the name that its model gets; the rule for names.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <ostream>
#include <string>

#include "server/repository/model_repository.h"
#include "tests/server/repository/model_repository_test.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

TEST(IsModelNameTest, AcceptsLettersDigitsAndThreePunctuationMarks) {
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

TEST_F(RepositoryTest, RefusesAFileWhoseNameIsNotAModelName) {
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

TEST_F(RepositoryTest, RefusesAFileThatIsMissingOrNotAModel) {
  EXPECT_EQ(LoadModelFile(root() / "gone.onnx").status().code(), absl::StatusCode::kNotFound);
  AddFile("text.onnx", "no model at all");
  EXPECT_THAT(LoadModelFile(root() / "text.onnx").status().message(), HasSubstr("text.onnx"));
}

}  // namespace
}  // namespace mlp
