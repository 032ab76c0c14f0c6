// What a second load of a model takes over from the changed repository, and what it keeps.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "server/served_models/model_manager.h"
#include "tests/server/served_models/model_manager_test.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(ModelManagerTest, ABadNewVersionChangesNothing) {
  Write("a/config.pbtxt", "version_policy { latest { num_versions: 1 } }");
  Add("a/1");
  Start(ModelControl::kExplicit, {"a"});
  const auto before = Find("a").value();
  Write("a/2/model.onnx", "no model");
  const absl::Status status = Load("a");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("model 'a' version 2: 'model.onnx'"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr(root().string())));
  EXPECT_EQ(Find("a").value(), before);
  EXPECT_THAT(StateOf("a", 2), HasSubstr("UNAVAILABLE: 'model.onnx'"));
  Add("a/2", "digits-tanh");
  EXPECT_TRUE(Load("a").ok());
  EXPECT_EQ(Find("a").value()->version, "2");
  EXPECT_EQ(StateOf("a", 1), "none") << "the policy has the latest only";
}

TEST_F(ModelManagerTest, ABadReloadKeepsTheOldVersionAndSaysWhy) {
  Add("a/1");
  Start(ModelControl::kExplicit, {"a"});
  const auto before = Find("a").value();
  Write("a/1/model.onnx", "no model");
  EXPECT_FALSE(Load("a").ok());
  EXPECT_EQ(Find("a").value(), before);
  EXPECT_THAT(StateOf("a", 1), HasSubstr("READY: could not be loaded again: 'model.onnx'"));
  EXPECT_THAT(LogText(), HasSubstr("; the version loaded earlier stays in service"));
  Add("a/1", "digits-tanh");
  EXPECT_TRUE(Load("a").ok());
  EXPECT_EQ(StateOf("a", 1), "READY");
  EXPECT_NE(Find("a").value()->evaluator, before->evaluator);
}

TEST_F(ModelManagerTest, InvalidSettingsChangeNothing) {
  Add("a/1");
  Add("a/2");
  Start(ModelControl::kExplicit, {"a"});
  const auto before = Find("a").value();
  Write("a/config.pbtxt", "max_batch_size: many");
  EXPECT_FALSE(Load("a").ok());
  EXPECT_EQ(Find("a").value(), before);
  EXPECT_THAT(StateOf("a", 1), HasSubstr("READY: could not be loaded again: config.pbtxt"));
  Write("a/config.pbtxt", R"(model_warmup { name: "w" batch_size: 1 inputs { key: "y" } })");
  EXPECT_THAT(std::string(Load("a").message()), HasSubstr("model_warmup 'w' has no input"));
  EXPECT_EQ(Find("a").value(), before);
}

TEST_F(ModelManagerTest, OtherSettingsKeepTheWeights) {
  Add("a/1");
  Start(ModelControl::kExplicit, {"a"});
  const auto before = Find("a").value();
  EXPECT_TRUE(Load("a").ok());
  EXPECT_EQ(Find("a").value(), before) << "nothing has changed";
  Write("a/config.pbtxt", "max_batch_size: 7");
  EXPECT_TRUE(Load("a").ok());
  EXPECT_EQ(Find("a").value()->max_batch_rows, 7);
  EXPECT_EQ(Find("a").value()->evaluator, before->evaluator);
  EXPECT_EQ(Find("a").value()->instruments.activity, before->instruments.activity);
}

TEST_F(ModelManagerTest, ALabelMovesToAnotherVersion) {
  Add("a/1");
  Add("a/2");
  const auto label = [&](const char* version) {
    Write("a/config.pbtxt", absl::StrCat("parameters { key: 'version_label.stable' value { ",
                                         "string_value: '", version, "' } }"));
  };
  label("1");
  Start(ModelControl::kExplicit, {"a"});
  EXPECT_EQ(Find("a", "stable").value()->version, "1");
  label("2");
  EXPECT_TRUE(Load("a").ok());
  EXPECT_EQ(Find("a", "stable").value()->version, "2");
  label("7");
  EXPECT_TRUE(Load("a").ok());
  EXPECT_EQ(Find("a", "stable").status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(Find("a", "stable").status().message()),
              HasSubstr("the label names version 7"));
}

TEST_F(ModelManagerTest, AMissingSpecificVersionIsReported) {
  Write("a/config.pbtxt", "version_policy { specific { versions: [1, 4] } }");
  Add("a/1");
  Add("a/2");
  Start(ModelControl::kExplicit, {"a"});
  EXPECT_EQ(StateOf("a", 1), "READY");
  EXPECT_EQ(StateOf("a", 2), "none");
  EXPECT_EQ(StateOf("a", 4), "UNAVAILABLE: the version has no folder");
}

}  // namespace
}  // namespace mlp
