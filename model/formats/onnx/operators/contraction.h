// Products of two tensors, summed over some of their dimensions: MatMul, Gemm and Einsum of any
// rank, and convolutions over previously picked pixels.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_CONTRACTION_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_CONTRACTION_H_

#include "absl/status/statusor.h"
#include "model/formats/onnx/operators/lettered_tensors.h"
#include "model/formats/onnx/operators/operands.h"

namespace mlp {

// The product of `a` and `b`, summed over the letters that are not in `made`; its dimensions are
// those in `made`. With constant weights and one vector for each row, it is a dense layer;
// otherwise a matrix product. UNIMPLEMENTED if rows would be mixed or the product is too large;
// INVALID_ARGUMENT if dimensions do not match.
absl::StatusOr<OnnxValue> Contract(const Operands& operands, const LetteredValue& a,
                                   const LetteredValue& b, const Letters& made);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_CONTRACTION_H_
