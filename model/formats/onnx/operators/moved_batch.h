// Operators over tensors whose batch is not dimension 0, or shares a dimension with positions of
// the rows: stacks of networks' answers, [members, batch, units], and rows that TensorFlow's dense
// layers write one below the other, [batch * positions, units].

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_MOVED_BATCH_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_MOVED_BATCH_H_

#include "absl/status/statusor.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/operator_table.h"

namespace mlp {

// The result of `entry` for the operands. If the operator accepts the batch only in front, moves it
// there, adapts the operator's axes, and moves the batch of the result back. Operators that handle
// whole shapes, and unknown ones, are called without changes.
absl::StatusOr<OnnxValues> ConvertWithBatchInFront(const OnnxOperator& entry,
                                                   const Operands& operands);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_MOVED_BATCH_H_
