// Converts observed rows, with all inputs concatenated, to the evaluator's layout.

#ifndef MLP_SERVER_INSIGHT_INPUT_ROWS_H_
#define MLP_SERVER_INSIGHT_INPUT_ROWS_H_

#include <cstdint>
#include <vector>

#include "model/network.h"

namespace mlp {

// The number of values in a row.
inline std::int64_t InputWidth(const Network& network) {
  std::int64_t width = 0;
  for (const TensorSpec& input : network.inputs()) width += input.width();
  return width;
}

// Splits `rows`, [rows, width], into one array per input, [rows, its width].
inline std::vector<std::vector<float>> SplitByInput(const Network& network,
                                                    const std::vector<float>& rows) {
  const std::int64_t width = InputWidth(network);
  const std::int64_t count = width == 0 ? 0 : static_cast<std::int64_t>(rows.size()) / width;
  std::vector<std::vector<float>> inputs;
  std::int64_t first = 0;
  for (const TensorSpec& input : network.inputs()) {
    std::vector<float>& values = inputs.emplace_back();
    values.reserve(static_cast<std::size_t>(count * input.width()));
    for (std::int64_t row = 0; row < count; ++row) {
      const auto begin = rows.begin() + row * width + first;
      values.insert(values.end(), begin, begin + input.width());
    }
    first += input.width();
  }
  return inputs;
}

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_INPUT_ROWS_H_
