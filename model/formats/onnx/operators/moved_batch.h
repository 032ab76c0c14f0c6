// Operators over tensors whose batch is not dimension 0, or stands in it with positions of the
// rows: stacks of networks' answers, [members, batch, units], and rows that TensorFlow's dense
// layers write one below the other, [batch * positions, units].

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_MOVED_BATCH_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_MOVED_BATCH_H_

#include "absl/status/statusor.h"
#include "model/formats/onnx/operators/operands.h"

namespace mlp {

// What `entry` makes of the operands. An operator that knows the batch in front only gets it there,
// with its axes changed alike, and what it makes is brought back. Those that know whole shapes, and
// those of which this knows nothing, are called as they are.
absl::StatusOr<OnnxValues> ConvertWithBatchInFront(const OnnxOperator& entry,
                                                   const Operands& operands);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_MOVED_BATCH_H_
