// How many healthy rows fall outside the input range of a baseline.

#ifndef MLP_SERVER_INSIGHT_INPUT_RANGE_H_
#define MLP_SERVER_INSIGHT_INPUT_RANGE_H_

#include "model/drift/baseline.h"

namespace mlp {

// The expected share of fresh rows with at least one of k input values outside the range of the
// baseline's m rows: 1 - (1 - 2/(m + 1))^k. By symmetry, a value is below the least or above the
// greatest of m others with probability 2/(m + 1). Correlated inputs leave their ranges less often.
double ExpectedOutOfRange(const Baseline& baseline);

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_INPUT_RANGE_H_
