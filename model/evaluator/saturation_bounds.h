// The tails of one layer as bounds for each unit, which the evaluator compares z with.

#ifndef MLP_MODEL_EVALUATOR_SATURATION_BOUNDS_H_
#define MLP_MODEL_EVALUATOR_SATURATION_BOUNDS_H_

#include <vector>

#include "model/network.h"

namespace mlp {

// A unit is in its lower tail if z <= lower[unit], and in its upper tail if z >= upper[unit]. If
// there is no tail, the bound is NaN, which makes the comparison false. Both vectors are empty for
// a layer whose activation is not element-wise.
struct SaturationBounds {
  std::vector<float> lower;  // [units]
  std::vector<float> upper;  // [units]
};

// The bounds of `layer` for an epsilon in (0, 1), as docs/reference/saturation.md defines them.
SaturationBounds BoundsOf(const Layer& layer, double epsilon);

}  // namespace mlp

#endif  // MLP_MODEL_EVALUATOR_SATURATION_BOUNDS_H_
