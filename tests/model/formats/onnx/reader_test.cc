// The reader on real exports with their exporters' own answers, and on paths that are not files.

#include "model/formats/onnx/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/io/external_data.h"
#include "tests/model/formats/onnx/exports.h"
#include "tests/model/formats/onnx/fixture_names.h"
#include "tests/model/formats/status_codes.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(OnnxMemoryTest, RefusesAFileThatNeedsMoreMemoryThanIsLeft) {
  const std::filesystem::path file = ExportsFolder() / "good/torch_static_batch_1/model.onnx";
  const auto bytes = static_cast<std::int64_t>(std::filesystem::file_size(file));
  const auto read = [&](std::int64_t most) {
    return ReadOnnxFile(file, ExternalData{}, most).status();
  };
  EXPECT_EQ(read(2 * bytes - 1).code(), absl::StatusCode::kResourceExhausted);
  // The file fits, but not together with its values.
  EXPECT_EQ(read(2 * bytes).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(read(2 * bytes).message(), HasSubstr("are left"));
  EXPECT_TRUE(read(64 * bytes).ok());
}

class GoodFileTest : public ::testing::TestWithParam<std::string> {};

// A sum whose terms cancel is accurate only on the scale of its terms. The largest value of the row
// stands for that scale.
void ExpectNear(const std::vector<float>& actual, const std::vector<float>& expected,
                std::int64_t width) {
  ASSERT_EQ(actual.size(), expected.size());
  const auto columns = static_cast<std::size_t>(width);
  for (std::size_t first = 0; first < expected.size(); first += columns) {
    float scale = 0.0F;
    for (std::size_t i = first; i < first + columns; ++i) {
      scale = std::max(scale, std::fabs(expected[i]));
    }
    for (std::size_t i = first; i < first + columns; ++i) {
      EXPECT_LE(std::fabs(actual[i] - expected[i]), 1e-5F * scale)
          << actual[i] << " in row " << first / columns << ", column " << i - first << "; expected "
          << expected[i];
    }
  }
}

TEST_P(GoodFileTest, AnswersAsTheExporterDoes) {
  const std::filesystem::path folder = ExportsFolder() / "good" / GetParam();
  absl::StatusOr<ReadNetwork> read = ReadOnnxFile(folder / "model.onnx");
  ASSERT_TRUE(read.ok()) << read.status();

  // Only in these is the batch static or are the probabilities in maps.
  const bool warned = GetParam().find("static") != std::string::npos ||
                      GetParam().find("zipmap") != std::string::npos;
  EXPECT_THAT(read->warnings, SizeIs(warned ? 1 : 0));

  const NpyArray<float> inputs = NumbersOf(folder / "inputs.npy");
  ASSERT_THAT(inputs.shape, Not(IsEmpty()));
  const std::int64_t rows = inputs.shape[0];
  const std::vector<NetworkOutput> outputs = read->network.outputs();
  EXPECT_EQ(read->network.inputs().front().shape,
            std::vector<std::int64_t>(inputs.shape.begin() + 1, inputs.shape.end()));
  const auto with_file =
      std::count_if(outputs.begin(), outputs.end(), [&](const NetworkOutput& output) {
        return std::filesystem::exists(folder / (output.tensor.name + ".npy"));
      });
  // Labels and the results of ZipMap have none.
  EXPECT_THAT(NamesIn(folder, ".npy"), SizeIs(with_file + 1));

  const std::vector<std::vector<float>> answers = AnswersOf(read->network, {inputs}).values;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const TensorSpec& tensor = outputs[i].tensor;
    SCOPED_TRACE(tensor.name);
    if (!std::filesystem::exists(folder / (tensor.name + ".npy"))) continue;
    const NpyArray<float> expected = NumbersOf(folder / (tensor.name + ".npy"));
    std::vector<std::int64_t> shape = {rows};
    shape.insert(shape.end(), tensor.shape.begin(), tensor.shape.end());
    EXPECT_EQ(shape, expected.shape);
    ExpectNear(answers[i], expected.values, tensor.width());
  }
}

INSTANTIATE_TEST_SUITE_P(All, GoodFileTest, ::testing::ValuesIn(NamesIn(ExportsFolder() / "good")),
                         [](const auto& folder) { return folder.param; });

TEST(FixturesTest, AreThere) {
  EXPECT_GE(NamesIn(ExportsFolder() / "good").size(), 80U);
  EXPECT_GE(NamesIn(ExportsFolder() / "bad", ".onnx").size(), 60U);
}

TEST(ReadOnnxTest, KeepsTheOrderOfTheOutputs) {
  const auto read = ReadOnnxFile(ExportsFolder() / "good/hand_outputs_in_another_order/model.onnx");
  ASSERT_TRUE(read.ok()) << read.status();
  const std::vector<NetworkOutput>& outputs = read->network.outputs();
  ASSERT_THAT(outputs, SizeIs(2));
  EXPECT_EQ(outputs[0].tensor.name, "p");
  EXPECT_EQ(outputs[0].tap, Tap::kActivation);
  EXPECT_EQ(outputs[1].tensor.name, "y");
  EXPECT_EQ(outputs[1].tap, Tap::kPreActivation);
}

TEST(ReadOnnxTest, WarnsIfABatchOfOneIsReadAsAnyBatch) {
  const auto read = ReadOnnxFile(ExportsFolder() / "good/torch_static_batch_1/model.onnx");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->warnings,
              ElementsAre("input 'x' has a batch of exactly 1; batches of any size are accepted"));
}

TEST(ReadOnnxFileTest, RefusesAPathThatIsNotARegularFileAndHidesItsFolder) {
  const std::filesystem::path folder = ExportsFolder() / "good";
  const auto missing = ReadOnnxFile(folder / "missing.onnx");
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(missing.status().message(), "there is no file 'missing.onnx'");
  const auto directory = ReadOnnxFile(folder);
  EXPECT_EQ(directory.status().code(), kInvalid);
  EXPECT_EQ(directory.status().message(), "'good' is not a regular file");
  const auto device = ReadOnnxFile("/dev/zero");
  EXPECT_EQ(device.status().code(), kInvalid);
  EXPECT_EQ(device.status().message(), "'zero' is not a regular file");
}

}  // namespace
}  // namespace mlp
