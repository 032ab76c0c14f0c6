#include "server/served_models/test_vector_check.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "model/quote.h"
#include "server/batching/batch.h"
#include "server/served_models/load_pieces.h"

namespace mlp {
namespace {

// If all expected values are nearly 0, it is enough to be nearly 0.
constexpr double kMinMagnitude = 1e-6;

// The value of a row that is furthest from the expected one.
struct Furthest {
  double share = 0;  // of the greatest magnitude expected in the row
  float value = 0;
  float expected = 0;
};

Furthest FurthestOf(absl::Span<const float> values, absl::Span<const float> expected) {
  double greatest = kMinMagnitude;
  for (const float value : expected) {
    if (std::isfinite(value)) greatest = std::max(greatest, std::abs(double{value}));
  }
  Furthest furthest;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (values[i] == expected[i] || (std::isnan(values[i]) && std::isnan(expected[i]))) continue;
    const double difference = std::abs(double{values[i]} - double{expected[i]});
    // Infinite if one of the two is not finite.
    double share = difference / greatest;
    if (!std::isfinite(share)) share = std::numeric_limits<double>::infinity();
    if (share > furthest.share) furthest = {share, values[i], expected[i]};
  }
  return furthest;
}

}  // namespace

double TestVectorTolerance(WeightStorage storage) {
  switch (storage) {
    case WeightStorage::kFloat32:
      return 1e-3;
    case WeightStorage::kBfloat16:
      return 0.05;
    case WeightStorage::kInt8:
      return 0.25;
  }
  return 0;
}

// Compares the rows of `batch`, which are the vector's rows from `first` on.
absl::Status CheckRows(const Evaluator& evaluator, const TestVector& vector, std::int64_t first,
                       const Batch& batch) {
  const Network& network = evaluator.network();
  const double tolerance = TestVectorTolerance(evaluator.weight_storage());
  for (const TestVector::Answer& answer : vector.answers) {
    const NetworkOutput& output = network.outputs()[answer.output];
    const auto width = static_cast<std::size_t>(network.WidthOf(output));
    for (std::int64_t row = 0; row < batch.rows(); ++row) {
      const auto expected = absl::MakeConstSpan(answer.values)
                                .subspan(static_cast<std::size_t>(first + row) * width, width);
      const Furthest furthest =
          FurthestOf(absl::MakeConstSpan(batch.Output(answer.output, row), width), expected);
      if (furthest.share <= tolerance) continue;
      return absl::InvalidArgumentError(
          absl::StrCat(kTestVectorFile, ": output ", Quote(output.tensor.name), " has ",
                       furthest.value, " in row ", first + row, "; expected ", furthest.expected,
                       ", or within ", tolerance, " of the row's greatest magnitude"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckTestVector(const Evaluator& evaluator, const TestVector& vector) {
  std::vector<InputValues> inputs;
  inputs.reserve(vector.inputs.size());
  for (const std::vector<float>& input : vector.inputs) {
    inputs.push_back({input.data(), Datatype::kFp32});
  }
  NetworkActivity activity = MakeNetworkActivity(evaluator.network());
  for (std::int64_t first = 0; first < vector.rows; first += kLoadPieceRows) {
    const std::int64_t rows = std::min(kLoadPieceRows, vector.rows - first);
    Batch batch(evaluator, rows);
    batch.Add(rows, inputs, first);
    batch.Evaluate(activity, /*most_threads=*/1);
    if (absl::Status right = CheckRows(evaluator, vector, first, batch); !right.ok()) return right;
  }
  return absl::OkStatus();
}

}  // namespace mlp
