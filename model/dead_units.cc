#include "model/dead_units.h"

#include <algorithm>
#include <limits>

namespace mlp {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// What a value is at least and at most.
struct ValueRange {
  double lowest = -kInfinity;
  double highest = kInfinity;
};

// The bounds of x W + b for one unit; a weight of 0 makes nothing even of an infinite input.
ValueRange PreActivationRange(const DenseLayer& layer, const std::vector<ValueRange>& inputs,
                              std::size_t unit) {
  const auto units = static_cast<std::size_t>(layer.units);
  ValueRange range{layer.bias[unit], layer.bias[unit]};
  for (std::size_t input = 0; input < inputs.size(); ++input) {
    const double weight = layer.weights[input * units + unit];
    if (weight == 0.0) continue;
    range.lowest += weight * (weight > 0.0 ? inputs[input].lowest : inputs[input].highest);
    range.highest += weight * (weight > 0.0 ? inputs[input].highest : inputs[input].lowest);
  }
  return range;
}

double AlphaOf(const Activation& activation, std::size_t unit) {
  if (activation.alpha.empty()) return 0.0;
  return activation.alpha.size() == 1 ? activation.alpha[0] : activation.alpha[unit];
}

// Whether f grows with z, so that bounds of z give those of f(z).
bool IsMonotone(ActivationKind kind, double alpha) {
  switch (kind) {
    case ActivationKind::kIdentity:
    case ActivationKind::kSigmoid:
    case ActivationKind::kTanh:
    case ActivationKind::kRelu:
      return true;
    case ActivationKind::kLeakyRelu:
    case ActivationKind::kPrelu:
    case ActivationKind::kElu:
      return alpha >= 0.0;
    case ActivationKind::kSoftmax:
      return false;
  }
  return false;
}

ValueRange ActivationRange(const Activation& activation, double alpha, const ValueRange& z) {
  if (activation.kind == ActivationKind::kSoftmax) return {0.0, 1.0};
  if (!IsMonotone(activation.kind, alpha)) return {};
  const float bounds[2] = {static_cast<float>(z.lowest), static_cast<float>(z.highest)};
  const float alphas[2] = {static_cast<float>(alpha), static_cast<float>(alpha)};
  float values[2];
  InfoOf(activation.kind).values(bounds, alphas, 2, values);
  // An alpha of 0 times infinity is no bound.
  return {values[0] == values[0] ? values[0] : -kInfinity,
          values[1] == values[1] ? values[1] : kInfinity};
}

bool IsInOneTail(const ValueRange& z, const Tails& tails) {
  return z.highest <= tails.lower || z.lowest >= tails.upper;
}

}  // namespace

std::vector<std::int64_t> CountDeadUnits(const Network& network, double epsilon) {
  std::vector<std::int64_t> dead;
  std::vector<ValueRange> inputs(static_cast<std::size_t>(network.input().width()));
  for (const DenseLayer& layer : network.layers()) {
    const ActivationInfo& info = InfoOf(layer.activation.kind);
    std::vector<ValueRange> outputs(static_cast<std::size_t>(layer.units));
    std::int64_t count = 0;
    for (std::size_t unit = 0; unit < outputs.size(); ++unit) {
      const double alpha = AlphaOf(layer.activation, unit);
      const ValueRange z = PreActivationRange(layer, inputs, unit);
      if (info.elementwise && IsInOneTail(z, info.tails(alpha, epsilon))) ++count;
      outputs[unit] = ActivationRange(layer.activation, alpha, z);
    }
    dead.push_back(count);
    inputs = std::move(outputs);
  }
  return dead;
}

}  // namespace mlp
