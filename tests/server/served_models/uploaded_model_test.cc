#include "server/served_models/uploaded_model.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace mlp {
namespace {

namespace fs = std::filesystem;

TEST(UploadedModelTest, WritesASeparateFolderAndRemovesIt) {
  fs::path folder;
  {
    const auto model = UploadedModel::Write({{1, "model.json", "{}"}, {12, "model.onnx", "x"}});
    ASSERT_TRUE(model.ok()) << model.status();
    folder = model->folder();
    EXPECT_EQ(fs::status(folder).permissions(), fs::perms::owner_all);
    EXPECT_EQ(fs::file_size(folder / "1/model.json"), 2U);
    EXPECT_EQ(fs::file_size(folder / "12/model.onnx"), 1U);
  }
  EXPECT_FALSE(fs::exists(folder));
}

TEST(UploadedModelTest, LeavesNothingIfAFileCannotBeWritten) {
  const auto model = UploadedModel::Write({{1, "model.onnx", "x"}, {1, "model.onnx", "y"}});
  EXPECT_EQ(model.status().code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace mlp
