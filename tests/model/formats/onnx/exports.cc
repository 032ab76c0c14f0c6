#include "tests/model/formats/onnx/exports.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "model/datatype.h"
#include "tests/model/formats/evaluate.h"
#include "tests/required_file.h"

namespace mlp {

std::filesystem::path ExportsFolder() {
  return std::filesystem::path(MLP_SOURCE_DIR) / "tests" / "fixtures" / "onnx";
}

std::vector<std::string> Exports() {
  std::vector<std::string> names;
  for (const char* part : {"activations", "graphs"}) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(ExportsFolder() / part, error)) {
      if (!entry.is_directory()) continue;
      names.push_back(std::string(part) + "/" + entry.path().filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The client's .npy reader does not take halves, because the client never needs them.
NpyArray<float> NumbersOf(const std::filesystem::path& file) {
  const std::string bytes = BytesOfRequiredFile(file);
  const std::size_t header_end = bytes.find('\n') + 1;
  const std::string header = bytes.substr(0, header_end);
  if (!absl::StrContains(header, "'<f2'")) {
    absl::StatusOr<NpyArray<float>> array = ReadNpyFloats(bytes);
    EXPECT_TRUE(array.ok()) << file << ": " << array.status();
    return array.ok() ? *std::move(array) : NpyArray<float>{};
  }
  NpyArray<float> array;
  array.values.resize((bytes.size() - header_end) / 2);
  ConvertToFloats(Datatype::kFp16, bytes.data() + header_end,
                  static_cast<std::int64_t>(array.values.size()), array.values.data());
  const std::size_t shape = header.find('(') + 1;
  for (const auto dimension : absl::StrSplit(header.substr(shape, header.find(')') - shape), ',',
                                             absl::SkipWhitespace())) {
    array.shape.push_back(std::stoll(std::string(dimension)));
  }
  return array;
}

std::vector<std::string> LinesOf(const std::filesystem::path& file) {
  const std::string text = BytesOfRequiredFile(file);
  EXPECT_NE(text, "") << file;
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  lines.pop_back();
  return lines;
}

std::vector<NpyArray<float>> InputsOf(const std::filesystem::path& folder,
                                      const nlohmann::json& facts, const Vocabulary& vocabulary) {
  std::vector<NpyArray<float>> inputs;
  for (const auto& input : facts["inputs"]) {
    if (input["datatype"] == "STRING") {
      NpyArray<float>& positions = inputs.emplace_back();
      for (const std::string& line : LinesOf(folder / input["file"].get<std::string>())) {
        positions.values.push_back(static_cast<float>(vocabulary.PositionOf(line)));
      }
      continue;
    }
    inputs.push_back(NumbersOf(folder / input["file"].get<std::string>()));
  }
  return inputs;
}

Answers AnswersOf(const Network& network, const std::vector<NpyArray<float>>& inputs) {
  std::vector<std::vector<float>> values;
  values.reserve(inputs.size());
  for (const NpyArray<float>& input : inputs) values.push_back(input.values);
  return {network.inputs(), network.outputs(), EvaluateNetwork(network, values)};
}

}  // namespace mlp
