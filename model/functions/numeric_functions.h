// The part of the table of element-wise functions that activations are not composed of:
// trigonometry, rounding, remainders and some conditions. Internal to model/functions: use
// elementwise_functions.h.

#ifndef MLP_MODEL_FUNCTIONS_NUMERIC_FUNCTIONS_H_
#define MLP_MODEL_FUNCTIONS_NUMERIC_FUNCTIONS_H_

#include <vector>

#include "model/functions/elementwise_functions.h"

namespace mlp::internal {

std::vector<ElementwiseFunction> NumericFunctions();

}  // namespace mlp::internal

#endif  // MLP_MODEL_FUNCTIONS_NUMERIC_FUNCTIONS_H_
