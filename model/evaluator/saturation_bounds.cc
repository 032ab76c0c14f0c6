#include "model/evaluator/saturation_bounds.h"

namespace mlp {

SaturationBounds BoundsOf(const Layer& layer, double epsilon) {
  const ActivationInfo& info = InfoOf(layer.activation.kind);
  SaturationBounds bounds;
  if (!info.elementwise) return bounds;
  const std::vector<float>& alpha = layer.activation.alpha;
  for (std::int64_t unit = 0; unit < layer.units; ++unit) {
    const float own_alpha =
        alpha.empty() ? 0.0F : alpha[alpha.size() == 1 ? 0 : static_cast<std::size_t>(unit)];
    const Tails tails = info.tails(own_alpha, epsilon);
    bounds.lower.push_back(static_cast<float>(tails.lower));
    bounds.upper.push_back(static_cast<float>(tails.upper));
  }
  return bounds;
}

}  // namespace mlp
