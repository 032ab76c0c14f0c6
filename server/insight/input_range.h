// The range of the inputs in a baseline, and how many healthy rows leave it.

#ifndef MLP_SERVER_INSIGHT_INPUT_RANGE_H_
#define MLP_SERVER_INSIGHT_INPUT_RANGE_H_

#include "model/drift/baseline.h"

namespace mlp {

// The share of fresh rows like the baseline's own m that have one of k input values outside of its
// range: 1 - (1 - 2/(m + 1))^k. A value is beyond the least or the greatest of m others with a
// probability of 2/(m + 1), by symmetry; inputs that go together leave their ranges less often.
double ExpectedOutOfRange(const Baseline& baseline);

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_INPUT_RANGE_H_
