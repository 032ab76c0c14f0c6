// Operands of different shapes, by ONNX's rules of broadcasting, which are numpy's: shapes are
// aligned at their last dimensions, and a dimension of 1 goes with any. The shapes are whole ones,
// with the batch dimension in its place: a constant of more dimensions than the rows' tensor moves
// the batch from its place, and rows of different numbers of dimensions are paired each with each.
// Internal to the reader.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_BROADCAST_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_BROADCAST_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/graph/row_shape.h"
#include "model/formats/onnx/operators/operands.h"

namespace mlp {

// A tensor's whole shape; the batch dimension is kBatchSize, or 1 where the file says that.
using FullShape = std::vector<std::int64_t>;

// The shape of all operands together, of which each has to be given. INVALID_ARGUMENT where there
// is none; UNIMPLEMENTED where the batch would not be its first dimension or would meet another
// size, so that the result has no row for each row. The message names the operands' shapes.
absl::StatusOr<FullShape> BroadcastShape(const Operands& operands);

// The same for operands with a signal among them: the shape of a row.
absl::StatusOr<RowShape> BroadcastRowShape(const Operands& operands);

// The node of `signal` as a row of `row_shape` takes it, to which it has to broadcast: where that
// is another shape, its values are repeated.
RowNodeId BroadcastSignal(const Operands& operands, const Signal& signal,
                          const RowShape& row_shape);

// The values of a constant as a row of `row_shape` takes them: one for all, or one for each value
// of the row. INVALID_ARGUMENT where the constant does not broadcast to [batch, row_shape...].
absl::StatusOr<std::vector<double>> BroadcastConstant(const OnnxConstant& constant,
                                                      const RowShape& row_shape,
                                                      ConstantLimits& limits);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_BROADCAST_H_
