// A version that must answer its own test vector: a real export, with PyTorch's answers.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/npy.h"
#include "model/formats/io/file_content.h"
#include "model/formats/native/safetensors.h"
#include "server/repository/model_repository.h"
#include "server/repository/test_vector.h"
#include "server/served_models/served_model.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

fs::path Export() { return fs::path(MLP_SOURCE_DIR) / "tests/fixtures/onnx/good/torch_two_heads"; }

NpyArray<float> Numbers(const std::string& name) {
  return ReadNpyFloats(ReadFileContent(Export() / (name + ".npy"), 1 << 20).value()).value();
}

class TestVectorTest : public ::testing::Test {
 protected:
  TestVectorTest() {
    fs::create_directories(folder_.path() / "1");
    fs::copy_file(Export() / "model.onnx", folder_.path() / "1/model.onnx");
    for (const char* name : {"inputs", "logits", "probabilities"}) tensors_[name] = Numbers(name);
    Rename("inputs", "x");
  }

  void Rename(const std::string& from, const std::string& to) {
    tensors_[to] = tensors_.at(from);
    tensors_.erase(from);
  }

  // Loads the version with the tensors as its test vector, and serves it.
  absl::Status Serve(WeightStorage storage = WeightStorage::kFloat32) {
    std::vector<SafetensorsTensor> tensors;
    for (const auto& [name, array] : tensors_) {
      const auto* data = reinterpret_cast<const char*>(array.values.data());
      tensors.push_back({name, SafetensorsType::kF32, array.shape,
                         absl::string_view(data, array.values.size() * sizeof(float))});
    }
    Write(SerializeSafetensors(tensors, {}));
    return ServeFolder(storage);
  }

  void Write(const std::string& content) {
    std::ofstream(folder_.path() / "1" / kTestVectorFile, std::ios::binary) << content;
  }

  absl::Status ServeFolder(WeightStorage storage = WeightStorage::kFloat32) {
    ModelVersion version = LoadVersion(folder_.path(), "heads", 1, ModelSettings());
    if (!version.status.ok()) return version.status;
    EvaluationOptions options;
    options.weights = storage;
    return MakeServedModel(std::move(version), options, arena_, metrics_, [] { return false; })
        .status();
  }

  void ExpectRefused(const std::string& reason) {
    const absl::Status status = Serve();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(reason));
  }

  TemporaryFolder folder_;
  std::map<std::string, NpyArray<float>> tensors_;
  tbb::task_arena arena_{1};
  Metrics metrics_{0.01, {}};
};

TEST_F(TestVectorTest, AcceptsAVersionWithTheFrameworksAnswers) {
  EXPECT_TRUE(ServeFolder().ok()) << "without a file nothing is checked";
  for (const WeightStorage storage :
       {WeightStorage::kFloat32, WeightStorage::kBfloat16, WeightStorage::kInt8}) {
    EXPECT_EQ(Serve(storage), absl::OkStatus()) << NameOf(storage);
  }
  tensors_.erase("probabilities");
  EXPECT_EQ(Serve(), absl::OkStatus()) << "an output that is not named is not checked";
}

TEST_F(TestVectorTest, RefusesAVersionWithOtherAnswers) {
  NpyArray<float>& logits = tensors_.at("logits");
  float& value =
      logits.values[2 * logits.values.size() / static_cast<std::size_t>(logits.shape[0]) + 1];
  value += 0.5F;
  ExpectRefused("test_vector.safetensors: output 'logits' has ");
  ExpectRefused(" in row 2; expected ");
  ExpectRefused(" or within 0.001 of the row's greatest magnitude");
  EXPECT_THAT(metrics_.Expose(), ::testing::Not(HasSubstr("heads"))) << "it has no series";
  value = std::numeric_limits<float>::quiet_NaN();
  ExpectRefused("expected nan");
  value = std::numeric_limits<float>::infinity();
  ExpectRefused("expected inf");
}

TEST_F(TestVectorTest, MustFitTheNetwork) {
  Rename("x", "z");
  ExpectRefused("input 'x' has no tensor; expected one for every input");
  Rename("z", "x");
  Rename("probabilities", "odds");
  ExpectRefused("the tensor 'odds' is neither an input nor an output");
  Rename("odds", "probabilities");
  NpyArray<float>& logits = tensors_.at("logits");
  logits.shape = {static_cast<std::int64_t>(logits.values.size())};
  ExpectRefused("the tensor 'logits' has the shape [");
  tensors_ = {{"x", tensors_.at("x")}};
  ExpectRefused("no output has a tensor; expected at least one");
  tensors_.at("x").shape.insert(tensors_.at("x").shape.begin(), 0);
  tensors_.at("x").values.clear();
  ExpectRefused("the tensor 'x' has 0 rows; expected 1 to 4096");
}

// Every input is looked up among the tensors, so their number is bounded.
TEST_F(TestVectorTest, MayNotHaveMoreTensorsThanAnyNetwork) {
  for (int i = 0; i < 8'192; ++i) tensors_[absl::StrCat("t", i)] = {{1}, {0.0F}};
  ExpectRefused("test_vector.safetensors: the file has 8195 tensors; expected at most 8192");
}

TEST_F(TestVectorTest, IsRefusedIfItIsMalformed) {
  Write("\xff\xff\xff\xff\xff\xff\xff\x7f{}");
  const absl::Status status = ServeFolder();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("test_vector.safetensors: "));
}

}  // namespace
}  // namespace mlp
