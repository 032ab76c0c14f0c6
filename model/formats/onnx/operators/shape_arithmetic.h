// Computations with shapes and constants that precede those with rows: exporters write the target
// of a Reshape or an Expand in this way.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_SHAPE_ARITHMETIC_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_SHAPE_ARITHMETIC_H_

#include <optional>

#include "absl/status/statusor.h"
#include "model/formats/onnx/operators/operands.h"

namespace mlp {

// The value of a node over lists that contain the number of rows, if it has the same form for any
// number of rows. Also the value of operators over constants that otherwise accept only rows.
// Nothing for other nodes; UNIMPLEMENTED if the value depends on the number of rows.
std::optional<absl::StatusOr<OnnxValues>> FoldShapes(const Operands& operands);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_SHAPE_ARITHMETIC_H_
