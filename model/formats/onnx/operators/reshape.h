// The results of Reshape, Squeeze and Unsqueeze on a whole shape. Values keep their order.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_RESHAPE_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_RESHAPE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/whole_shape.h"

namespace mlp {

// UNIMPLEMENTED if the values of a row would not stay together or the numbers of values differ; for
// a constant, INVALID_ARGUMENT. `target` may contain the batch's size; if the file fixes the batch
// to `static_batch`, its shapes contain that number.
absl::StatusOr<WholeShape> ReshapedWhole(const WholeShape& shape,
                                         const std::vector<std::int64_t>& target,
                                         bool zero_is_a_size, std::int64_t static_batch);

// Without `axes`, removes all dimensions of 1 except the batch.
absl::StatusOr<WholeShape> SqueezedWhole(const WholeShape& shape,
                                         const std::optional<std::vector<std::int64_t>>& axes);

absl::StatusOr<WholeShape> UnsqueezedWhole(const WholeShape& shape,
                                           const std::vector<std::int64_t>& axes);

// Input 0, of any kind but a label, with another shape for the same number of values.
absl::StatusOr<OnnxValues> WithShapeOf(const Operands& operands,
                                       const absl::StatusOr<WholeShape>& shape);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_RESHAPE_H_
