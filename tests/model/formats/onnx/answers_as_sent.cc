#include "tests/model/formats/onnx/answers_as_sent.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "model/datatype.h"
#include "model/output_labels.h"
#include "tests/model/formats/onnx/exports.h"

namespace mlp {

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

std::vector<std::string> WordsOf(const Vocabulary& vocabulary, const std::vector<float>& values) {
  std::vector<std::string> words;
  for (const float value : values) {
    const auto position = static_cast<std::size_t>(value);
    words.push_back(position < vocabulary.words().size() ? vocabulary.words()[position] : "none");
  }
  return words;
}

std::vector<float> AsIntegers(const NetworkOutput& output, std::vector<float> values) {
  if (IsFloatingPoint(output.tensor.datatype)) return values;
  for (float& value : values) {
    std::int64_t integer = 0;
    ConvertFromFloats(&value, 1, output.tensor.datatype, &integer);
    ConvertToFloats(output.tensor.datatype, &integer, 1, &value);
  }
  return values;
}

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

}  // namespace mlp
