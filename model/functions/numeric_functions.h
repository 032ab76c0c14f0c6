// The part of the table of element-wise functions that is no activation's: of angles, of rounding
// and of equality. Internal to model/functions: use elementwise_functions.h.

#ifndef MLP_MODEL_FUNCTIONS_NUMERIC_FUNCTIONS_H_
#define MLP_MODEL_FUNCTIONS_NUMERIC_FUNCTIONS_H_

#include <vector>

#include "model/functions/elementwise_functions.h"

namespace mlp::internal {

std::vector<ElementwiseFunction> NumericFunctions();

}  // namespace mlp::internal

#endif  // MLP_MODEL_FUNCTIONS_NUMERIC_FUNCTIONS_H_
