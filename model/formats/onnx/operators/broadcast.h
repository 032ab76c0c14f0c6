// Broadcasting of operands with different shapes, by ONNX's rules, which are numpy's: shapes are
// aligned at their last dimension, and a dimension of 1 matches any. Shapes here are whole shapes
// that include the batch: a constant with more dimensions than the rows' tensor moves the batch
// away from its place, and rows of different rank pair every row with every other. Internal to the
// reader.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_BROADCAST_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_BROADCAST_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/graph/row_shape.h"
#include "model/formats/onnx/operators/operands.h"

namespace mlp {

// A tensor's whole shape; the batch dimension is kBatchSize, or 1 if the file fixes it to that.
using FullShape = std::vector<std::int64_t>;

// The common shape of all operands; each must be given. INVALID_ARGUMENT if there is none;
// UNIMPLEMENTED if the batch would not be its first dimension or would meet another size, so that
// the result would not have one row for each row. The message names the operands' shapes.
absl::StatusOr<FullShape> BroadcastShape(const Operands& operands);

// The same for operands that include a signal: the shape of a row.
absl::StatusOr<RowShape> BroadcastRowShape(const Operands& operands);

// The node of `signal`, broadcast to `row_shape`: its values are repeated if its shape differs.
// REQUIRES: `signal` broadcasts to that shape.
RowNodeId BroadcastSignal(const Operands& operands, const Signal& signal,
                          const RowShape& row_shape);

// The values of a constant broadcast to a row of `row_shape`: one for all values of the row, or one
// for each. INVALID_ARGUMENT if the constant does not broadcast to [batch, row_shape...].
absl::StatusOr<std::vector<double>> BroadcastConstant(const OnnxConstant& constant,
                                                      const RowShape& row_shape,
                                                      ConstantLimits& limits);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_BROADCAST_H_
