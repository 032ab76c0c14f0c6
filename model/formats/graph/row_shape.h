// The effect of shape operators on a row's shape, and whether they keep each row a row.

#ifndef MLP_MODEL_FORMATS_GRAPH_ROW_SHAPE_H_
#define MLP_MODEL_FORMATS_GRAPH_ROW_SHAPE_H_

#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/statusor.h"

namespace mlp {

// The shape of a row, without the batch dimension.
using RowShape = std::vector<std::int64_t>;

// Stands for the number of rows in a shape that a file computes from its input's shape.
inline constexpr std::int64_t kBatchSize = std::numeric_limits<std::int64_t>::min();

// BatchTimes(times) stands for `times` times the number of rows; `times` is a number of positions
// in a row.
inline constexpr std::int64_t kMaxBatchTimes = std::int64_t{1} << 20;
constexpr std::int64_t BatchTimes(std::int64_t times) { return kBatchSize + (times - 1); }
// The factor of the number of rows that `entry` stands for; 0 if `entry` is a plain number.
constexpr std::int64_t TimesOfBatch(std::int64_t entry) {
  return entry < kBatchSize + kMaxBatchTimes ? entry - kBatchSize + 1 : 0;
}

// Each is UNIMPLEMENTED if rows would be mixed or split, or if the shapes do not match. Semantics:
// the ONNX operators of the same names.

// `target` may hold kBatchSize. 0 copies a dimension unless `zero_is_a_size`.
absl::StatusOr<RowShape> Reshaped(const RowShape& row, const std::vector<std::int64_t>& target,
                                  bool zero_is_a_size);

absl::StatusOr<RowShape> Flattened(const RowShape& row, std::int64_t axis);

// `axes` count from the batch dimension, or from the end if negative.
absl::StatusOr<RowShape> Squeezed(const RowShape& row, const std::vector<std::int64_t>& axes);

absl::StatusOr<RowShape> Unsqueezed(const RowShape& row, const std::vector<std::int64_t>& axes);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_GRAPH_ROW_SHAPE_H_
