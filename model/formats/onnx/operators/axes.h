// The dimensions of a row that an operator works along, and reductions over them. Internal to the
// reader.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_AXES_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_AXES_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/formats/graph/row_shape.h"
#include "model/formats/onnx/operators/operands.h"

namespace mlp {

// For each dimension of a row, whether it is one of the axes.
using RowAxes = std::vector<bool>;

// `axes` count from the batch dimension, or from the end if negative. INVALID_ARGUMENT if there is
// no such dimension or one is given twice; UNIMPLEMENTED if one is the batch, because rows would be
// mixed, unless the file fixes the batch to one row.
absl::StatusOr<RowAxes> RowAxesOf(const Operands& operands, const RowShape& row_shape,
                                  const std::vector<std::int64_t>& axes);

// The dimensions from `axis` to the last one, as layer normalisation uses them.
absl::StatusOr<RowAxes> RowAxesFrom(const Operands& operands, const RowShape& row_shape,
                                    std::int64_t axis);

// The row's shape with each of the axes replaced by 1, and with the axes removed.
RowShape KeptShape(const RowShape& row_shape, const RowAxes& axes);
RowShape DroppedShape(const RowShape& row_shape, const RowAxes& axes);

// For each value of the reordered row, its position in the original row. The reordered row has the
// dimensions of the axes last; the others come first and keep their order.
std::vector<std::int32_t> AxesLast(const RowShape& row_shape, const RowAxes& axes);

// A row as [outer, count, inner], where `count` is the number of values along the axes. If the axes
// are not adjacent, the row's values must be reordered first.
struct AlongAxes {
  std::vector<std::int32_t> order;  // empty if the values keep their order
  std::int64_t outer = 1;
  std::int64_t count = 1;
  std::int64_t inner = 1;
};
AlongAxes AlongAxesOf(const RowShape& row_shape, const RowAxes& axes);

// x[units[u]] for each u. Fails like TakeBytes beyond the limits.
absl::StatusOr<RowNodeId> AddSelection(const Operands& operands, RowNodeId x,
                                       std::vector<std::int32_t> units);

// Reduces the values along the axes by `kind`; the result has the kept shape.
absl::StatusOr<RowNodeId> AddReduction(const Operands& operands, const Signal& x,
                                       const RowAxes& axes, ReductionKind kind);

// The same, with each result repeated for every value of x that it was reduced from.
absl::StatusOr<RowNodeId> AddReductionForEach(const Operands& operands, const Signal& x,
                                              const RowAxes& axes, ReductionKind kind);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_AXES_H_
