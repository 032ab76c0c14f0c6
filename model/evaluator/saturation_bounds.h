// The tails of one layer, unit by unit, as the evaluator compares with them.

#ifndef MLP_MODEL_EVALUATOR_SATURATION_BOUNDS_H_
#define MLP_MODEL_EVALUATOR_SATURATION_BOUNDS_H_

#include <vector>

#include "model/network.h"

namespace mlp {

// A unit is in its lower tail where z <= lower[unit], in its upper one where z >= upper[unit]. A
// bound is NaN where there is no tail, so that the comparison is false. Both are empty for a layer
// whose activation is not element-wise.
struct SaturationBounds {
  std::vector<float> lower;  // [units]
  std::vector<float> upper;  // [units]
};

// The bounds of `layer` for an epsilon in (0, 1); the definition stands in docs/saturation.md.
SaturationBounds BoundsOf(const Layer& layer, double epsilon);

}  // namespace mlp

#endif  // MLP_MODEL_EVALUATOR_SATURATION_BOUNDS_H_
