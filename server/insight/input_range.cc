#include "server/insight/input_range.h"

#include <cmath>

namespace mlp {

double ExpectedOutOfRange(const Baseline& baseline) {
  const auto values = static_cast<double>(baseline.inputs.minimum.size());
  const auto rows = static_cast<double>(baseline.rows);
  return 1.0 - std::pow(1.0 - 2.0 / (rows + 1.0), values);
}

}  // namespace mlp
