// Every committed model, from its format to the others and back: the answers stay the same to the
// bit.

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "model/formats/model_file.h"
#include "model/formats/native_reader.h"
#include "model/formats/native_writer.h"
#include "model/formats/onnx_reader.h"
#include "model/formats/onnx_writer.h"
#include "tests/model/formats/evaluate.h"

namespace mlp {
namespace {

// The folders with a model that is read.
std::vector<std::filesystem::path> ModelFolders() {
  const std::filesystem::path source = MLP_SOURCE_DIR;
  std::vector<std::filesystem::path> folders;
  for (const char* root :
       {"tests/fixtures/onnx/good", "tests/fixtures/native/good", "deploy/models/repository"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(source / root)) {
      const std::string name = entry.path().filename().string();
      if (name == kOnnxFile || name == kNativeTensorsFile) {
        folders.push_back(entry.path().parent_path());
      }
    }
  }
  return folders;
}

// Rows for every input, with some values far out.
std::vector<float> SomeRows(const Network& network) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0.0F, 2.0F);
  std::vector<float> rows(static_cast<std::size_t>(5 * network.input().width()));
  for (float& value : rows) value = normal(random);
  rows.back() = 1e6F;
  return rows;
}

void ExpectSameBits(const Network& actual, const Network& expected) {
  const std::vector<float> rows = SomeRows(expected);
  const auto actual_outputs = EvaluateNetwork(actual, rows);
  const auto expected_outputs = EvaluateNetwork(expected, rows);
  ASSERT_EQ(actual_outputs.size(), expected_outputs.size());
  for (std::size_t i = 0; i < actual_outputs.size(); ++i) {
    ASSERT_EQ(actual_outputs[i].size(), expected_outputs[i].size());
    EXPECT_EQ(std::memcmp(actual_outputs[i].data(), expected_outputs[i].data(),
                          actual_outputs[i].size() * sizeof(float)),
              0);
    EXPECT_EQ(actual.outputs()[i].tensor.name, expected.outputs()[i].tensor.name);
    EXPECT_EQ(actual.outputs()[i].tensor.shape, expected.outputs()[i].tensor.shape);
  }
}

TEST(ConversionTest, KeepsEveryAnswerToTheBit) {
  const std::vector<std::filesystem::path> folders = ModelFolders();
  EXPECT_GE(folders.size(), 20U);
  for (const std::filesystem::path& folder : folders) {
    SCOPED_TRACE(folder);
    const absl::StatusOr<ReadNetwork> original = ReadModelFile(folder);
    ASSERT_TRUE(original.ok()) << original.status();
    const NativeModel native = WriteNative(original->network);
    const absl::StatusOr<ReadNetwork> from_native = ReadNative(native.document, native.tensors);
    ASSERT_TRUE(from_native.ok()) << from_native.status();
    ExpectSameBits(from_native->network, original->network);
    const absl::StatusOr<std::string> onnx = WriteOnnx(from_native->network);
    ASSERT_TRUE(onnx.ok()) << onnx.status();
    const absl::StatusOr<ReadNetwork> from_onnx = ReadOnnx(*onnx);
    ASSERT_TRUE(from_onnx.ok()) << from_onnx.status();
    ExpectSameBits(from_onnx->network, original->network);
  }
}

// A network of 3 inputs, 4 units with `activation`, and one more layer.
absl::StatusOr<Network> NetworkWith(const Activation& activation) {
  DenseLayer first;
  first.inputs = 3;
  first.units = 4;
  first.weights = {0.5F, -1.0F, 2.0F, 0.25F, 1.0F, 0.125F, -0.5F, 3.0F, -2.0F, 1.5F, 0.75F, 1.0F};
  first.bias = {0.1F, -0.2F, 0.3F, -0.4F};
  first.activation = activation;
  DenseLayer second;
  second.inputs = first.outputs();
  second.units = 1;
  second.weights.assign(static_cast<std::size_t>(second.inputs), 0.5F);
  second.bias = {0.25F};
  const std::vector<std::int64_t> hidden = {first.outputs()};
  return Network::Create({"x", {3}}, {first, second},
                         {{{"y", {1}}, 1, Tap::kActivation}, {{"h", hidden}, 0, Tap::kActivation}});
}

TEST(ConversionTest, KeepsEveryActivation) {
  int written = 0;
  for (const ActivationInfo* info : AllActivations()) {
    SCOPED_TRACE(std::string(info->name));
    const absl::StatusOr<Network> network = NetworkWith(DefaultActivation(info->kind));
    // Those of a whole row may stand on the last layer only.
    if (!network.ok()) continue;
    const NativeModel native = WriteNative(*network);
    const absl::StatusOr<ReadNetwork> from_native = ReadNative(native.document, native.tensors);
    ASSERT_TRUE(from_native.ok()) << from_native.status() << native.document;
    ExpectSameBits(from_native->network, *network);
    ++written;
    const absl::StatusOr<std::string> onnx = WriteOnnx(*network);
    if (!onnx.ok()) {
      EXPECT_EQ(onnx.status().code(), absl::StatusCode::kUnimplemented) << onnx.status();
      continue;
    }
    const absl::StatusOr<ReadNetwork> from_onnx = ReadOnnx(*onnx);
    // More is written than the reader knows yet.
    if (from_onnx.ok()) ExpectSameBits(from_onnx->network, *network);
  }
  EXPECT_GE(written, 30);
}

TEST(ConversionTest, KeepsNamesApart) {
  DenseLayer layer;
  layer.inputs = 1;
  layer.units = 1;
  layer.weights = {2.0F};
  layer.bias = {1.0F};
  layer.activation.kind = ActivationKind::kTanh;
  // Names that the writers would take for themselves.
  const absl::StatusOr<Network> network = Network::Create(
      {"output", {1, 1}}, {layer},
      {{{"output_z", {1}}, 0, Tap::kPreActivation}, {{"output_weights", {1, 1}}, 0, {}}});
  ASSERT_TRUE(network.ok()) << network.status();
  const NativeModel native = WriteNative(*network);
  const absl::StatusOr<ReadNetwork> from_native = ReadNative(native.document, native.tensors);
  ASSERT_TRUE(from_native.ok()) << from_native.status();
  ExpectSameBits(from_native->network, *network);
  const absl::StatusOr<ReadNetwork> from_onnx = ReadOnnx(WriteOnnx(*network).value());
  ASSERT_TRUE(from_onnx.ok()) << from_onnx.status();
  ExpectSameBits(from_onnx->network, *network);
}

}  // namespace
}  // namespace mlp
