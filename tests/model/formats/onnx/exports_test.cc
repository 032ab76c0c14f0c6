// The reader over the exports in fixtures/onnx/activations and fixtures/onnx/graphs: every file
// either answers as the framework that it comes from, or is refused as a table here says.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "client/npy.h"
#include "model/formats/onnx/reader.h"
#include "model/output_labels.h"
#include "tests/model/formats/evaluate.h"
#include "tests/model/formats/onnx/exports.h"
#include "tests/model/formats/onnx/refused_exports.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

// Models of halves are evaluated in FP32, and the frameworks round every sum to a half.
float ToleranceOf(const std::string& name) {
  if (absl::StrContains(name, "bfloat16")) return 0.03F;
  if (absl::StrContains(name, "half")) return 4e-3F;
  return 1e-5F;
}

// A value that is rounded to a step may fall on the other side of a half, which is a step away.
bool RoundsToSteps(const std::string& name) {
  return absl::StrContains(name, "/q") || absl::StrContains(name, "/dynamic");
}

// What an output of labels says, as the texts of a .txt file or of integers.
std::vector<std::string> LabelsOf(const NetworkOutput& output, const std::vector<float>& values,
                                  std::int64_t units) {
  std::vector<std::string> labels;
  if (output.kind == OutputKind::kDecisions) {
    for (const float value : values) labels.push_back(std::to_string(DecisionOf(output, value)));
    return labels;
  }
  const auto width = static_cast<std::size_t>(units);
  for (std::size_t row = 0; row * width < values.size(); ++row) {
    const std::size_t greatest = GreatestOf({values.data() + row * width, width});
    labels.push_back(output.tensor.datatype == Datatype::kBytes
                         ? output.string_labels[greatest]
                         : std::to_string(output.integer_labels[greatest]));
  }
  return labels;
}

std::vector<std::string> ExpectedLabels(const std::filesystem::path& file) {
  if (file.extension() == ".txt") return LinesOf(file);
  std::vector<std::string> labels;
  for (const float value : NumbersOf(file).values) {
    labels.push_back(std::to_string(static_cast<std::int64_t>(value)));
  }
  return labels;
}

// The words that an output of positions names.
std::vector<std::string> WordsOf(const Vocabulary& vocabulary, const std::vector<float>& values) {
  std::vector<std::string> words;
  for (const float value : values) {
    const auto position = static_cast<std::size_t>(value);
    words.push_back(position < vocabulary.words().size() ? vocabulary.words()[position] : "none");
  }
  return words;
}

// What is sent of an output that the file has in integers.
std::vector<float> AsIntegers(const NetworkOutput& output, std::vector<float> values) {
  if (IsFloatingPoint(output.tensor.datatype)) return values;
  for (float& value : values) {
    std::int64_t integer = 0;
    ConvertFromFloats(&value, 1, output.tensor.datatype, &integer);
    ConvertToFloats(output.tensor.datatype, &integer, 1, &value);
  }
  return values;
}

// Without the inputs that the network leaves out, and with those of one row, which go with any
// number of rows in ONNX, once for each row.
std::vector<NpyArray<float>> TakenBy(const Network& network, std::vector<NpyArray<float>> inputs,
                                     const nlohmann::json& facts) {
  std::size_t rows = 0;
  std::vector<NpyArray<float>> taken;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto index = network.InputNamed(facts["inputs"][i]["name"].get<std::string>());
    if (!index.has_value()) continue;
    const auto width = static_cast<std::size_t>(network.inputs()[*index].width());
    rows = std::max(rows, inputs[i].values.size() / width);
    taken.push_back(std::move(inputs[i]));
  }
  for (std::size_t i = 0; i < taken.size(); ++i) {
    const auto width = static_cast<std::size_t>(network.inputs()[i].width());
    const std::vector<float> row = taken[i].values;
    if (row.size() != width) continue;
    for (std::size_t more = 1; more < rows; ++more) {
      taken[i].values.insert(taken[i].values.end(), row.begin(), row.end());
    }
  }
  return taken;
}

class ExportTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ExportTest, AnswersAsItsFrameworkOrIsRefusedAsListed) {
  const std::filesystem::path folder = ExportsFolder() / GetParam();
  const absl::StatusOr<ReadNetwork> read = ReadOnnxFile(folder / "model.onnx");
  const RefusedExport* refused = FindRefusedExport(GetParam());
  if (refused != nullptr) {
    ASSERT_FALSE(read.ok()) << "is read, though " << refused->reason;
    EXPECT_THAT(std::string(read.status().message()), HasSubstr(refused->message));
    return;
  }
  ASSERT_TRUE(read.ok()) << read.status();
  const auto facts = nlohmann::json::parse(BytesOf(folder / "made_by.json"));
  const std::vector<NpyArray<float>> inputs =
      TakenBy(read->network, InputsOf(folder, facts, read->network.vocabulary()), facts);
  ASSERT_EQ(inputs.size(), read->network.inputs().size());
  const Answers answers = AnswersOf(read->network, inputs);
  ASSERT_EQ(facts["outputs"].size(), answers.outputs.size());
  for (std::size_t i = 0; i < answers.outputs.size(); ++i) {
    const auto& output = facts["outputs"][i];
    EXPECT_EQ(output["name"], answers.outputs[i].tensor.name);
    if (!output.contains("file") || output["file"].is_null()) continue;
    SCOPED_TRACE(answers.outputs[i].tensor.name);
    const std::filesystem::path file = folder / output["file"].get<std::string>();
    const std::int64_t width = read->network.WidthOf(answers.outputs[i]);
    if (answers.outputs[i].kind != OutputKind::kValues) {
      EXPECT_EQ(LabelsOf(answers.outputs[i], answers.values[i], width), ExpectedLabels(file));
      continue;
    }
    if (answers.outputs[i].tensor.datatype == Datatype::kBytes) {
      EXPECT_EQ(WordsOf(read->network.vocabulary(), answers.values[i]), LinesOf(file));
      continue;
    }
    const float tolerance = RoundsToSteps(GetParam()) ? std::max(0.02F, ToleranceOf(GetParam()))
                                                      : ToleranceOf(GetParam());
    ExpectClose(AsIntegers(answers.outputs[i], answers.values[i]), NumbersOf(file).values, width,
                tolerance);
  }
}

INSTANTIATE_TEST_SUITE_P(All, ExportTest, ::testing::ValuesIn(Exports()), [](const auto& name) {
  std::string text = name.param;
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '_'; },
      '_');
  return text;
});
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ExportTest);

}  // namespace
}  // namespace mlp
