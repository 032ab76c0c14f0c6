// Products of two tensors summed over some of their dimensions: MatMul, Gemm and Einsum in any
// rank, and convolutions over pixels that were picked before.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_CONTRACTION_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_CONTRACTION_H_

#include <vector>

#include "absl/status/statusor.h"
#include "model/formats/onnx/operators/operands.h"

namespace mlp {

// A letter of Einsum's equation: dimensions of one letter are walked along together.
using Letter = int;

// A tensor whose dimensions have letters.
struct LetteredValue {
  OnnxValue value;  // a signal, a constant or a list
  std::vector<Letter> letters;
};

// The product of `a` and `b`, summed over the letters that are not in `made`, with the dimensions
// of `made`. With constant weights it is a dense layer where each row is one vector, and else a
// product of matrices. UNIMPLEMENTED where rows would be mixed or the product is too large;
// INVALID_ARGUMENT where the dimensions do not fit.
absl::StatusOr<OnnxValue> Contract(const Operands& operands, const LetteredValue& a,
                                   const LetteredValue& b, const std::vector<Letter>& made);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_CONTRACTION_H_
