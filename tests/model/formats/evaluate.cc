#include "tests/model/formats/evaluate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "client/npy.h"
#include "model/evaluator/evaluator.h"

namespace mlp {

std::vector<float> ReadFloatArray(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  absl::StatusOr<NpyArray<float>> array = ReadNpyFloats(bytes);
  EXPECT_TRUE(array.ok()) << file << ": " << array.status();
  return array.ok() ? std::move(array->values) : std::vector<float>();
}

std::vector<std::vector<float>> EvaluateNetwork(const Network& network,
                                                const std::vector<float>& inputs) {
  const auto rows = static_cast<std::int64_t>(inputs.size()) / network.input().width();
  tbb::task_arena arena(1);
  const Evaluator evaluator(std::make_shared<const Network>(network), /*saturation_epsilon=*/0.01,
                            arena);
  std::vector<std::vector<float>> outputs;
  std::vector<float*> pointers;
  for (const NetworkOutput& output : network.outputs()) {
    outputs.emplace_back(static_cast<std::size_t>(rows * output.tensor.width()));
  }
  for (std::vector<float>& output : outputs) pointers.push_back(output.data());
  Evaluator::Workspace workspace = evaluator.MakeWorkspace();
  NetworkActivity activity = MakeNetworkActivity(network);
  evaluator.Evaluate(rows, inputs.data(), pointers, workspace, activity);
  return outputs;
}

void ExpectClose(const std::vector<float>& actual, const std::vector<float>& expected,
                 std::int64_t width) {
  ASSERT_EQ(actual.size(), expected.size());
  const auto columns = static_cast<std::size_t>(width);
  for (std::size_t first = 0; first < expected.size(); first += columns) {
    float scale = 0.0F;
    for (std::size_t i = first; i < first + columns; ++i) {
      scale = std::max(scale, std::abs(expected[i]));
    }
    for (std::size_t i = first; i < first + columns; ++i) {
      EXPECT_NEAR(actual[i], expected[i], 1e-5F * scale) << "row " << first / columns;
    }
  }
}

}  // namespace mlp
