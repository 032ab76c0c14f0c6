// Products of matrices other than plain dense layers.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_PRODUCT_OPERATORS_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_PRODUCT_OPERATORS_H_

#include "absl/status/statusor.h"
#include "model/formats/onnx/operators/operands.h"

namespace mlp {

// The product of inputs 0 and 1 as in ONNX's MatMul; transposing exchanges an input's last two
// dimensions.
absl::StatusOr<OnnxValue> ProductOfMatrices(const Operands& operands, bool transpose_first,
                                            bool transpose_second);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_PRODUCT_OPERATORS_H_
