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

// For each dimension of a row, whether it is among the axes.
using RowAxes = std::vector<bool>;

// `axes` count from the batch dimension on, or from the end where negative. INVALID_ARGUMENT where
// there is no such dimension or one is named twice; UNIMPLEMENTED where one is the batch, since
// rows would be mixed, unless the file says that there is one row.
absl::StatusOr<RowAxes> RowAxesOf(const Operands& operands, const RowShape& row_shape,
                                  const std::vector<std::int64_t>& axes);

// The dimensions from `axis` to the last one, as layer normalisation has them.
absl::StatusOr<RowAxes> RowAxesFrom(const Operands& operands, const RowShape& row_shape,
                                    std::int64_t axis);

// The row's shape with 1 in place of each of the axes, and without them.
RowShape KeptShape(const RowShape& row_shape, const RowAxes& axes);
RowShape DroppedShape(const RowShape& row_shape, const RowAxes& axes);

// Where each value of a row comes from when the dimensions of the axes are put last, and the
// others, in their order, first.
std::vector<std::int32_t> AxesLast(const RowShape& row_shape, const RowAxes& axes);

// A row as [outer, count, inner], of which `count` are the values along the axes. Where these are
// not neighbours, the row's values are put into another order first.
struct AlongAxes {
  std::vector<std::int32_t> order;  // empty where the values stay where they are
  std::int64_t outer = 1;
  std::int64_t count = 1;
  std::int64_t inner = 1;
};
AlongAxes AlongAxesOf(const RowShape& row_shape, const RowAxes& axes);

// x[units[u]] for each u. INVALID_ARGUMENT beyond what a file's size lets it take.
absl::StatusOr<RowNodeId> AddSelection(const Operands& operands, RowNodeId x,
                                       std::vector<std::int32_t> units);

// What `kind` makes of the values along the axes, in the kept shape.
absl::StatusOr<RowNodeId> AddReduction(const Operands& operands, const Signal& x,
                                       const RowAxes& axes, ReductionKind kind);

// The same, repeated so that there is one for each value of x.
absl::StatusOr<RowNodeId> AddReductionForEach(const Operands& operands, const Signal& x,
                                              const RowAxes& axes, ReductionKind kind);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_AXES_H_
