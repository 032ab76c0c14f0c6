#include "model/evaluator/saturation_bounds.h"

namespace mlp {

SaturationBounds BoundsOf(const Layer& layer, double epsilon) {
  SaturationBounds bounds;
  if (!InfoOf(layer.activation.kind).elementwise) return bounds;
  for (const Tails& tails : TailsOfUnits(layer.activation, layer.units, epsilon)) {
    bounds.lower.push_back(static_cast<float>(tails.lower));
    bounds.upper.push_back(static_cast<float>(tails.upper));
  }
  return bounds;
}

}  // namespace mlp
