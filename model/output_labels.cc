#include "model/output_labels.h"

namespace mlp {

std::size_t GreatestOf(absl::Span<const float> values) {
  std::size_t greatest = 0;
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (values[i] > values[greatest]) greatest = i;
  }
  return greatest;
}

std::int64_t DecisionOf(const NetworkOutput& output, float value) {
  return value > output.threshold ? 1 : 0;
}

}  // namespace mlp
