// The reader on the exports in fixtures/onnx/activations and fixtures/onnx/graphs. Every file
// either gives its framework's answers or is refused as listed in a table.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "client/npy.h"
#include "model/formats/onnx/reader.h"
#include "tests/bytes_of_file.h"
#include "tests/model/formats/evaluate.h"
#include "tests/model/formats/onnx/answers_as_sent.h"
#include "tests/model/formats/onnx/exports.h"
#include "tests/model/formats/onnx/refused_exports.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

// Models in half precision are evaluated in FP32, while the frameworks round every sum to a half.
float ToleranceOf(const std::string& name) {
  if (absl::StrContains(name, "bfloat16")) return 0.03F;
  if (absl::StrContains(name, "half")) return 4e-3F;
  return 1e-5F;
}

// A value rounded to steps may fall on the other side of a tie, which changes it by a step.
bool RoundsToSteps(const std::string& name) {
  return absl::StrContains(name, "/q") || absl::StrContains(name, "/dynamic");
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
  const auto facts = nlohmann::json::parse(BytesOfFile(folder / "made_by.json"));
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
