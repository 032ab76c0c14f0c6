// The functions that are not ONNX operators: those of kInternalDomain, to which readers translate
// other operators. Internal to model/functions: use elementwise_functions.h.

#ifndef MLP_MODEL_FUNCTIONS_INTERNAL_FUNCTIONS_H_
#define MLP_MODEL_FUNCTIONS_INTERNAL_FUNCTIONS_H_

#include <vector>

#include "model/functions/elementwise_functions.h"

namespace mlp::internal {

std::vector<ElementwiseFunction> InternalFunctions();

}  // namespace mlp::internal

#endif  // MLP_MODEL_FUNCTIONS_INTERNAL_FUNCTIONS_H_
