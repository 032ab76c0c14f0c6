#include "tests/model/formats/evaluate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "client/npy.h"
#include "model/evaluator/evaluator.h"
#include "tests/bytes_of_file.h"

namespace mlp {

std::vector<float> ReadFloatArray(const std::filesystem::path& file) {
  absl::StatusOr<NpyArray<float>> array = ReadNpyFloats(BytesOfFile(file));
  EXPECT_TRUE(array.ok()) << file << ": " << array.status();
  return array.ok() ? std::move(array->values) : std::vector<float>();
}

std::vector<std::vector<float>> EvaluateNetwork(const Network& network,
                                                const std::vector<std::vector<float>>& inputs) {
  const auto rows = static_cast<std::int64_t>(inputs[0].size()) / network.inputs()[0].width();
  tbb::task_arena arena(1);
  const Evaluator evaluator(network, /*saturation_epsilon=*/0.01, arena);
  std::vector<const float*> data;
  data.reserve(inputs.size());
  for (const std::vector<float>& input : inputs) data.push_back(input.data());
  std::vector<std::vector<float>> outputs;
  for (const NetworkOutput& output : network.outputs()) {
    outputs.emplace_back(static_cast<std::size_t>(rows * network.WidthOf(output)));
  }
  std::vector<float*> pointers;
  pointers.reserve(outputs.size());
  for (std::vector<float>& output : outputs) pointers.push_back(output.data());
  Evaluator::Workspace workspace = evaluator.MakeWorkspace();
  NetworkActivity activity = MakeNetworkActivity(network);
  evaluator.Evaluate(rows, data, pointers, workspace, activity);
  return outputs;
}

void ExpectClose(const std::vector<float>& actual, const std::vector<float>& expected,
                 std::int64_t width, float tolerance) {
  ASSERT_EQ(actual.size(), expected.size());
  const auto columns = static_cast<std::size_t>(width);
  for (std::size_t first = 0; first < expected.size(); first += columns) {
    float scale = 0.0F;
    for (std::size_t i = first; i < first + columns; ++i) {
      if (std::isfinite(expected[i])) scale = std::max(scale, std::fabs(expected[i]));
    }
    for (std::size_t i = first; i < first + columns; ++i) {
      if (std::isnan(expected[i]) && std::isnan(actual[i])) continue;
      if (actual[i] == expected[i]) continue;
      EXPECT_LE(std::fabs(actual[i] - expected[i]), tolerance * scale)
          << actual[i] << " in row " << first / columns << ", column " << i - first << "; expected "
          << expected[i];
    }
  }
}

}  // namespace mlp
