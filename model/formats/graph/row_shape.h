// What the operators that change shapes make of a row's shape, and whether each row stays one row.

#ifndef MLP_MODEL_FORMATS_GRAPH_ROW_SHAPE_H_
#define MLP_MODEL_FORMATS_GRAPH_ROW_SHAPE_H_

#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/statusor.h"

namespace mlp {

// The shape of a row, without the batch dimension.
using RowShape = std::vector<std::int64_t>;

// Stands for the number of rows in a shape that a file computes from its input's.
inline constexpr std::int64_t kBatchSize = std::numeric_limits<std::int64_t>::min();

// Stands for `times` the number of rows, where times is the number of positions in a row.
inline constexpr std::int64_t kMostBatchTimes = std::int64_t{1} << 20;
constexpr std::int64_t BatchTimes(std::int64_t times) { return kBatchSize + (times - 1); }
// How many times the number of rows `entry` stands for; 0 for a number.
constexpr std::int64_t TimesOfBatch(std::int64_t entry) {
  return entry < kBatchSize + kMostBatchTimes ? entry - kBatchSize + 1 : 0;
}

// Each is UNIMPLEMENTED where rows would be mixed or split and where the shapes do not fit.
// Semantics: the ONNX operators of the same names.

// `target` may hold kBatchSize. 0 copies a dimension unless `zero_is_a_size`.
absl::StatusOr<RowShape> Reshaped(const RowShape& row, const std::vector<std::int64_t>& target,
                                  bool zero_is_a_size);

absl::StatusOr<RowShape> Flattened(const RowShape& row, std::int64_t axis);

// `axes` count from the batch dimension on, or from the end where negative.
absl::StatusOr<RowShape> Squeezed(const RowShape& row, const std::vector<std::int64_t>& axes);

absl::StatusOr<RowShape> Unsqueezed(const RowShape& row, const std::vector<std::int64_t>& axes);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_GRAPH_ROW_SHAPE_H_
