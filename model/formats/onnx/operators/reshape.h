// What Reshape, Squeeze and Unsqueeze make of a whole shape. Values stay in their order.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_RESHAPE_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_RESHAPE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/whole_shape.h"

namespace mlp {

// UNIMPLEMENTED where the values of a row would not stay together, or the counts differ. `target`
// may hold the batch's size; where the file fixes the batch, `static_batch`, its shapes hold that.
absl::StatusOr<WholeShape> ReshapedWhole(const WholeShape& shape,
                                         const std::vector<std::int64_t>& target,
                                         bool zero_is_a_size, std::int64_t static_batch);

// Without `axes`, all dimensions of 1 but that of the batch.
absl::StatusOr<WholeShape> SqueezedWhole(const WholeShape& shape,
                                         const std::optional<std::vector<std::int64_t>>& axes);

absl::StatusOr<WholeShape> UnsqueezedWhole(const WholeShape& shape,
                                           const std::vector<std::int64_t>& axes);

// Input 0, of any kind but a label, in another shape of as many values.
absl::StatusOr<OnnxValues> WithShapeOf(const Operands& operands,
                                       const absl::StatusOr<WholeShape>& shape);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_RESHAPE_H_
