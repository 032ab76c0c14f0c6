// Products of matrices that are no plain dense layer.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_PRODUCT_OPERATORS_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_PRODUCT_OPERATORS_H_

#include "absl/status/statusor.h"
#include "model/formats/onnx/operators/operands.h"

namespace mlp {

// Inputs 0 and 1 multiplied as ONNX's MatMul does, each with its last two dimensions exchanged
// where it is to be transposed.
absl::StatusOr<OnnxValue> ProductOfMatrices(const Operands& operands, bool transpose_first,
                                            bool transpose_second);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_PRODUCT_OPERATORS_H_
