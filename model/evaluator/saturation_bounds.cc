#include "model/evaluator/saturation_bounds.h"

namespace mlp {

SaturationBounds BoundsOf(const Layer& layer, double epsilon) {
  const ActivationInfo& info = InfoOf(layer.activation.kind);
  SaturationBounds bounds;
  if (!info.elementwise) return bounds;
  const auto units = static_cast<std::size_t>(layer.units);
  // One search for all units where they have the same parameters.
  const std::size_t searches = layer.activation.unit_alpha.size() > 1 ? units : 1;
  for (std::size_t unit = 0; unit < searches; ++unit) {
    const Tails tails =
        info.tails(ParametersOfUnit(layer.activation, static_cast<std::int64_t>(unit)), epsilon);
    bounds.lower.push_back(static_cast<float>(tails.lower));
    bounds.upper.push_back(static_cast<float>(tails.upper));
  }
  bounds.lower.resize(units, bounds.lower.front());
  bounds.upper.resize(units, bounds.upper.front());
  return bounds;
}

}  // namespace mlp
