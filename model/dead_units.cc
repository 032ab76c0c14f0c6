#include "model/dead_units.h"

#include <cmath>
#include <limits>
#include <utility>

#include "absl/types/span.h"

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

// Whether f grows with z, so that bounds of z give those of f(z).
bool IsMonotone(ActivationKind kind, absl::Span<const float> parameters) {
  switch (kind) {
    case ActivationKind::kIdentity:
    case ActivationKind::kRelu:
    case ActivationKind::kRelu6:
    case ActivationKind::kHardTanh:
    case ActivationKind::kSparsePlus:
    case ActivationKind::kSparseSigmoid:
    case ActivationKind::kTanhShrink:
    case ActivationKind::kSigmoid:
    case ActivationKind::kTanh:
    case ActivationKind::kSoftsign:
    case ActivationKind::kLogSigmoid:
    case ActivationKind::kSquareplus:
    case ActivationKind::kSelu:
    case ActivationKind::kExponential:
      return true;
    case ActivationKind::kLeakyRelu:
    case ActivationKind::kPrelu:
    case ActivationKind::kRrelu:
    case ActivationKind::kHardSigmoid:
    case ActivationKind::kElu:
    case ActivationKind::kCelu:
      return parameters[0] >= 0.0F && parameters.back() >= 0.0F;
    default:
      return false;
  }
}

ValueRange ActivationRange(const ActivationInfo& info, absl::Span<const float> parameters,
                           const ValueRange& z) {
  if (info.kind == ActivationKind::kSoftmax || info.kind == ActivationKind::kSparsemax) {
    return {0.0, 1.0};
  }
  if (!info.elementwise || !IsMonotone(info.kind, parameters)) return {};
  ValueRange a{info.value(z.lowest, parameters), info.value(z.highest, parameters)};
  // A formula may have no value at infinity, e.g. 0 times it, which then is no bound.
  if (std::isnan(a.lowest)) a.lowest = -kInfinity;
  if (std::isnan(a.highest)) a.highest = kInfinity;
  return a;
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
    // The GLU family gives less values than there are units, of which nothing is known.
    std::vector<ValueRange> outputs(static_cast<std::size_t>(layer.outputs()));
    std::int64_t count = 0;
    for (std::int64_t unit = 0; unit < layer.units && layer.outputs() == layer.units; ++unit) {
      const absl::Span<const float> parameters =
          info.elementwise ? ParametersOfUnit(layer.activation, unit) : absl::Span<const float>();
      const auto index = static_cast<std::size_t>(unit);
      const ValueRange z = PreActivationRange(layer, inputs, index);
      if (info.elementwise && IsInOneTail(z, info.tails(parameters, epsilon))) ++count;
      outputs[index] = ActivationRange(info, parameters, z);
    }
    dead.push_back(count);
    inputs = std::move(outputs);
  }
  return dead;
}

}  // namespace mlp
