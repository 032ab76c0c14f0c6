// What a file computes of shapes and constants before it computes anything of rows: exporters write
// the target of a Reshape or an Expand so.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_SHAPE_ARITHMETIC_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_SHAPE_ARITHMETIC_H_

#include <optional>

#include "absl/status/statusor.h"
#include "model/formats/onnx/operators/operands.h"

namespace mlp {

// The value of a node over lists that hold the number of rows, as far as it is the same for any
// number, and of operators over constants that only rows have a form for otherwise. Nothing for
// other nodes; UNIMPLEMENTED where the value depends on the number of rows.
std::optional<absl::StatusOr<OnnxValues>> FoldShapes(const Operands& operands);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_SHAPE_ARITHMETIC_H_
