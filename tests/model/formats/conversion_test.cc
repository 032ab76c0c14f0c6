// Converts every committed model and export from its format to the others and back. The answers
// stay the same, to the bit wherever ONNX can express it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/formats/model_file.h"
#include "model/formats/native/reader.h"
#include "model/formats/native/writer.h"
#include "model/formats/onnx/reader.h"
#include "model/formats/onnx/writer/writer.h"
#include "tests/model/every_operation.h"
#include "tests/model/formats/evaluate.h"
#include "tests/model/formats/onnx/exports.h"

namespace mlp {
namespace {

// The folders with a model that can be read.
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

// Rows for every input, with some outliers and some missing values.
std::vector<std::vector<float>> SomeRows(const Network& network) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0.0F, 2.0F);
  std::vector<std::vector<float>> inputs;
  for (const TensorSpec& input : network.inputs()) {
    std::vector<float>& rows = inputs.emplace_back(static_cast<std::size_t>(6 * input.width()));
    for (float& value : rows) value = normal(random);
    rows[static_cast<std::size_t>(5 * input.width()) - 1] = 1e6F;
    rows.back() = std::numeric_limits<float>::quiet_NaN();
  }
  return inputs;
}

void ExpectSameDeclarations(const Network& actual, const Network& expected) {
  ASSERT_EQ(actual.inputs().size(), expected.inputs().size());
  for (std::size_t i = 0; i < expected.inputs().size(); ++i) {
    EXPECT_EQ(actual.inputs()[i].name, expected.inputs()[i].name);
    EXPECT_EQ(actual.inputs()[i].shape, expected.inputs()[i].shape);
    EXPECT_EQ(actual.inputs()[i].datatype, expected.inputs()[i].datatype);
  }
  ASSERT_EQ(actual.outputs().size(), expected.outputs().size());
  for (std::size_t i = 0; i < expected.outputs().size(); ++i) {
    const NetworkOutput& expected_output = expected.outputs()[i];
    const NetworkOutput& output = actual.outputs()[i];
    EXPECT_EQ(output.tensor.name, expected_output.tensor.name);
    EXPECT_EQ(output.tensor.shape, expected_output.tensor.shape);
    EXPECT_EQ(output.tensor.datatype, expected_output.tensor.datatype);
    EXPECT_EQ(output.kind, expected_output.kind);
    EXPECT_EQ(output.integer_labels, expected_output.integer_labels);
    EXPECT_EQ(output.string_labels, expected_output.string_labels);
    if (expected_output.kind == OutputKind::kDecisions) {
      EXPECT_EQ(output.threshold, expected_output.threshold);
    }
  }
}

bool SameBits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

void ExpectSameBits(const Network& actual, const Network& expected) {
  ExpectSameDeclarations(actual, expected);
  const std::vector<std::vector<float>> rows = SomeRows(expected);
  const auto actual_outputs = EvaluateNetwork(actual, rows);
  const auto expected_outputs = EvaluateNetwork(expected, rows);
  ASSERT_EQ(actual_outputs.size(), expected_outputs.size());
  for (std::size_t i = 0; i < actual_outputs.size(); ++i) {
    EXPECT_TRUE(SameBits(actual_outputs[i], expected_outputs[i])) << "output " << i;
  }
}

// Written in the native format and read again.
Network ThroughNative(const Network& network) {
  const absl::StatusOr<NativeModel> native = WriteNative(network);
  EXPECT_TRUE(native.ok()) << native.status();
  if (!native.ok()) return network;
  absl::StatusOr<ReadNetwork> read = ReadNative(native->document, native->tensors);
  EXPECT_TRUE(read.ok()) << read.status() << "\n" << native->document;
  return read.ok() ? read->network : network;
}

TEST(ConversionTest, KeepsEveryAnswerToTheBit) {
  const std::vector<std::filesystem::path> folders = ModelFolders();
  EXPECT_GE(folders.size(), 20U);
  for (const std::filesystem::path& folder : folders) {
    SCOPED_TRACE(folder);
    const absl::StatusOr<ReadNetwork> original = ReadModelFile(folder);
    ASSERT_TRUE(original.ok()) << original.status();
    const Network from_native = ThroughNative(original->network);
    ExpectSameBits(from_native, original->network);
    const absl::StatusOr<std::string> onnx = WriteOnnx(from_native);
    ASSERT_TRUE(onnx.ok()) << onnx.status();
    const absl::StatusOr<ReadNetwork> from_onnx = ReadOnnx(*onnx);
    ASSERT_TRUE(from_onnx.ok()) << from_onnx.status();
    ExpectSameBits(from_onnx->network, original->network);
  }
}

// A network of 3 inputs, 4 units with `activation`, and one more layer.
absl::StatusOr<Network> NetworkWith(const Activation& activation) {
  Layer first;
  first.inputs = 3;
  first.units = 4;
  first.dense().weights = {0.5F,  -1.0F, 2.0F,  0.25F, 1.0F,  0.125F,
                           -0.5F, 3.0F,  -2.0F, 1.5F,  0.75F, 1.0F};
  first.dense().bias = {0.1F, -0.2F, 0.3F, -0.4F};
  first.activation = activation;
  Layer second;
  second.inputs = first.outputs();
  second.units = 1;
  second.dense().weights.assign(static_cast<std::size_t>(second.inputs), 0.5F);
  second.dense().bias = {0.25F};
  const std::vector<std::int64_t> hidden = {first.outputs()};
  return Network::Create({"x", {3}}, {first, second},
                         {{{"y", {1}}, 1, Tap::kActivation}, {{"h", hidden}, 0, Tap::kActivation}});
}

TEST(ConversionTest, KeepsEveryActivation) {
  int written = 0;
  for (const ActivationInfo* info : AllActivations()) {
    SCOPED_TRACE(std::string(info->name));
    const absl::StatusOr<Network> network = NetworkWith(DefaultActivation(info->kind));
    // Activations over a whole row are only valid on the last layer.
    if (!network.ok()) continue;
    ExpectSameBits(ThroughNative(*network), *network);
    ++written;
    const absl::StatusOr<std::string> onnx = WriteOnnx(*network);
    if (const auto* unwritten = std::get_if<NotInOnnx>(&info->onnx)) {
      EXPECT_EQ(onnx.status().code(), absl::StatusCode::kUnimplemented) << onnx.status();
      EXPECT_THAT(std::string(onnx.status().message()),
                  ::testing::HasSubstr(
                      absl::StrCat("layer 'hidden_1' has the activation ", info->name,
                                   ", which cannot be written as ONNX: ", unwritten->reason)));
      continue;
    }
    ASSERT_TRUE(onnx.ok()) << onnx.status();
    const absl::StatusOr<ReadNetwork> from_onnx = ReadOnnx(*onnx);
    ASSERT_TRUE(from_onnx.ok()) << from_onnx.status();
    ExpectSameBits(from_onnx->network, *network);
  }
  EXPECT_GE(written, 30);
}

// A network that passes its one row of 4 through `layers`, whose first layer reads the input, and
// then through a dense layer.
Network NetworkThrough(std::vector<Layer> layers) {
  Layer dense;
  dense.inputs = layers.back().units;
  dense.units = 2;
  for (std::int64_t i = 0; i < 2 * dense.inputs; ++i) {
    dense.dense().weights.push_back(0.5F * static_cast<float>(i % 5) - 1.0F);
  }
  dense.dense().bias = {0.25F, -1.0F};
  dense.sources = {Source::OfLayer(static_cast<std::int64_t>(layers.size()) - 1, Tap::kActivation,
                                   layers.back().units)};
  layers.push_back(std::move(dense));
  NetworkOutput output;
  output.tensor = {"y", {2}};
  output.layer = static_cast<std::int64_t>(layers.size()) - 1;
  return Network::Create(std::vector<TensorSpec>{{"x", {4}}}, std::move(layers), {output}).value();
}

struct OperationCase {
  const char* name;
  RowOperationDetail operation;
  std::int64_t units;
};

void PrintTo(const OperationCase& operation_case, std::ostream* out) {
  *out << operation_case.name;
}

class OperationConversionTest : public ::testing::TestWithParam<OperationCase> {};

TEST_P(OperationConversionTest, KeepsEveryAnswerToTheBit) {
  Layer layer = OperationLayer(GetParam().operation, {Source::OfInput(0, 4)});
  if (layer.combination() == Combination::kMatrixProduct) {
    layer.sources.push_back(layer.sources[0]);
    layer.inputs = 8;
  }
  layer.units = GetParam().units;
  const Network network = NetworkThrough({std::move(layer)});
  ExpectSameBits(ThroughNative(network), network);
  const absl::StatusOr<std::string> onnx = WriteOnnx(network);
  ASSERT_TRUE(onnx.ok()) << onnx.status();
  const absl::StatusOr<ReadNetwork> from_onnx = ReadOnnx(*onnx);
  ASSERT_TRUE(from_onnx.ok()) << from_onnx.status();
  ExpectSameBits(from_onnx->network, network);
}

INSTANTIATE_TEST_SUITE_P(
    All, OperationConversionTest,
    ::testing::Values(OperationCase{"Function", FunctionNamed("Sqrt"), 4},
                      OperationCase{"Selection", Selection{{3, 0, 0, 2, 1}}, 5},
                      OperationCase{"Normalization", Normalization{Norm::kL2}, 4},
                      OperationCase{"Imputation", Imputation{0.5F, {1, 2, 3, 4}}, 4},
                      OperationCase{"Quantization", Quantization{0.5F, 3, 0, 255}, 4}),
    [](const auto& param) { return std::string(param.param.name); });

// Upper bounds on the exports that the ONNX writer refuses, and on those whose answers change some
// bits when they are written and read again. Lower these numbers when possible; never raise them.
constexpr std::size_t kMaxRefused = 40;
constexpr int kMaxRounded = 0;

TEST(ConversionTest, KeepsEveryExport) {
  int read = 0;
  int rounded = 0;
  std::vector<std::string> refused;
  for (const std::string& name : Exports()) {
    const absl::StatusOr<ReadNetwork> original = ReadOnnxFile(ExportsFolder() / name / kOnnxFile);
    if (!original.ok()) continue;
    SCOPED_TRACE(name);
    ++read;
    const Network& network = original->network;
    ExpectSameBits(ThroughNative(network), network);
    const absl::StatusOr<std::string> onnx = WriteOnnx(network);
    if (!onnx.ok()) {
      EXPECT_EQ(onnx.status().code(), absl::StatusCode::kUnimplemented) << onnx.status();
      refused.push_back(absl::StrCat(name, ": ", onnx.status().message()));
      continue;
    }
    const absl::StatusOr<ReadNetwork> again = ReadOnnx(*onnx);
    EXPECT_TRUE(again.ok()) << again.status();
    if (!again.ok()) continue;
    ExpectSameDeclarations(again->network, network);
    const std::vector<std::vector<float>> rows = SomeRows(network);
    const auto actual = EvaluateNetwork(again->network, rows);
    const auto expected = EvaluateNetwork(network, rows);
    bool same = true;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      // No integer is NaN, and what a cast makes of NaN is the evaluator's choice.
      if (!IsFloatingPoint(network.outputs()[i].tensor.datatype)) continue;
      ExpectClose(actual[i], expected[i], network.WidthOf(network.outputs()[i]), 1e-6F);
      same = same && SameBits(actual[i], expected[i]);
    }
    if (!same) ++rounded;
  }
  EXPECT_GE(read, 850);
  EXPECT_LE(rounded, kMaxRounded);
  EXPECT_LE(refused.size(), kMaxRefused) << absl::StrJoin(refused, "\n");
}

TEST(ConversionTest, KeepsNamesApart) {
  Layer layer;
  layer.inputs = 1;
  layer.units = 1;
  layer.dense().weights = {2.0F};
  layer.dense().bias = {1.0F};
  layer.activation.kind = ActivationKind::kTanh;
  // Names that the writers would use themselves.
  const absl::StatusOr<Network> network = Network::Create(
      {"output", {1, 1}}, {layer},
      {{{"output_z", {1}}, 0, Tap::kPreActivation}, {{"output_weights", {1, 1}}, 0, {}}});
  ASSERT_TRUE(network.ok()) << network.status();
  ExpectSameBits(ThroughNative(*network), *network);
  const absl::StatusOr<ReadNetwork> from_onnx = ReadOnnx(WriteOnnx(*network).value());
  ASSERT_TRUE(from_onnx.ok()) << from_onnx.status();
  ExpectSameBits(from_onnx->network, *network);
}

// The reader must not take an untrained bias, all zeros, for an activation or a separate layer.
TEST(ConversionTest, DoesNotSplitLayersWithAZeroBias) {
  std::vector<Layer> layers(2);
  for (Layer& layer : layers) {
    layer.inputs = 3;
    layer.units = 3;
    layer.dense().weights.assign(9, 0.5F);
    layer.dense().bias.assign(3, 0.0F);
  }
  layers[0].activation.kind = ActivationKind::kTanh;
  NetworkOutput output;
  output.tensor = {"y", {3}};
  output.layer = 1;
  const auto network = Network::Create({"x", {3}}, std::move(layers), {output});
  ASSERT_TRUE(network.ok()) << network.status();
  const auto written = WriteOnnx(*network);
  ASSERT_TRUE(written.ok()) << written.status();
  const auto read = ReadOnnx(*written);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->network.layers().size(), 2U);
  EXPECT_EQ(read->network.layers()[0].activation.kind, ActivationKind::kTanh);
  EXPECT_EQ(read->network.layers()[1].activation.kind, ActivationKind::kIdentity);
}

}  // namespace
}  // namespace mlp
