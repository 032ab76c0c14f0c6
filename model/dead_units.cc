#include "model/dead_units.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/types/span.h"

namespace mlp {
namespace {

constexpr double kUnbounded = std::numeric_limits<double>::infinity();

// The least and the greatest possible value.
struct ValueRange {
  double lowest = -kUnbounded;
  double highest = kUnbounded;
};

using Ranges = std::vector<ValueRange>;

// a b, where 0 times infinity is 0, because the bound is never reached.
double ProductOf(double a, double b) { return a == 0.0 || b == 0.0 ? 0.0 : a * b; }

// The range of a value times `factor`.
ValueRange Scaled(const ValueRange& value, double factor) {
  const double one = ProductOf(value.lowest, factor);
  const double other = ProductOf(value.highest, factor);
  return {std::min(one, other), std::max(one, other)};
}

ValueRange SumOf(const ValueRange& a, const ValueRange& b) {
  ValueRange sum{a.lowest + b.lowest, a.highest + b.highest};
  // Opposite infinities leave the sum unbounded.
  if (std::isnan(sum.lowest)) sum.lowest = -kUnbounded;
  if (std::isnan(sum.highest)) sum.highest = kUnbounded;
  return sum;
}

ValueRange ProductRange(const ValueRange& a, const ValueRange& b) {
  const ValueRange low = Scaled(a, b.lowest);
  const ValueRange high = Scaled(a, b.highest);
  return {std::min(low.lowest, high.lowest), std::max(low.highest, high.highest)};
}

// The range of a sum, product, maximum or minimum of two values.
ValueRange FoldOf(Combination combination, const ValueRange& a, const ValueRange& b) {
  switch (combination) {
    case Combination::kProduct:
      return ProductRange(a, b);
    case Combination::kMaximum:
      return {std::max(a.lowest, b.lowest), std::max(a.highest, b.highest)};
    case Combination::kMinimum:
      return {std::min(a.lowest, b.lowest), std::min(a.highest, b.highest)};
    default:
      return SumOf(a, b);
  }
}

// The bounds of x W + b for one unit. A weight of 0 cancels even an infinite input.
ValueRange DenseRange(const Layer& layer, const Ranges& inputs, std::size_t unit) {
  const auto units = static_cast<std::size_t>(layer.units);
  const Dense& dense = layer.dense();
  ValueRange range{dense.bias[unit], dense.bias[unit]};
  for (std::size_t input = 0; input < inputs.size(); ++input) {
    const double weight = dense.weights[input * units + unit];
    if (weight == 0.0) continue;
    range = SumOf(range, Scaled(inputs[input], weight));
  }
  return range;
}

// The bounds of z for one unit; x holds the ranges of all sources side by side.
ValueRange PreActivationRange(const Layer& layer, const Ranges& x, std::size_t unit) {
  const auto units = static_cast<std::size_t>(layer.units);
  switch (layer.combination()) {
    case Combination::kDense:
      return DenseRange(layer, x, unit);
    case Combination::kConcat:
      return x[unit];
    case Combination::kSum:
    case Combination::kProduct:
    case Combination::kMaximum:
    case Combination::kMinimum: {
      ValueRange range = x[unit];
      for (std::size_t i = unit + units; i < x.size(); i += units) {
        range = FoldOf(layer.combination(), range, x[i]);
      }
      return range;
    }
    case Combination::kAffine: {
      const auto& affine = std::get<Affine>(layer.operation);
      const double center = affine.center.empty() ? 0.0 : affine.center[unit];
      const ValueRange scaled = Scaled(SumOf(x[unit], {-center, -center}), affine.scale[unit]);
      return SumOf(scaled, {affine.shift[unit], affine.shift[unit]});
    }
    case Combination::kImpute: {
      const double filled = std::get<Imputation>(layer.operation).values[unit];
      return {std::min(x[unit].lowest, filled), std::max(x[unit].highest, filled)};
    }
    case Combination::kQuantize: {
      const auto [scale, zero_point, lowest, highest] = std::get<Quantization>(layer.operation);
      return {(static_cast<double>(lowest) - zero_point) * scale,
              (static_cast<double>(highest) - zero_point) * scale};
    }
    case Combination::kNormalize:
      return {};  // the norm may be anything
    case Combination::kConstant: {
      const float value = std::get<Constant>(layer.operation).values[unit];
      if (std::isnan(value)) return {};
      return {value, value};
    }
    case Combination::kSelect: {
      const auto& units_of = std::get<Selection>(layer.operation).units;
      return x[static_cast<std::size_t>(units_of[unit])];
    }
    default:
      return {};  // not analysed
  }
}

ValueRange ActivationRange(const ActivationInfo& info, absl::Span<const float> parameters,
                           const ValueRange& z) {
  if (!info.elementwise || !info.is_monotone(parameters)) {
    return {info.bounds.lowest, info.bounds.highest};
  }
  ValueRange a{info.value(z.lowest, parameters), info.value(z.highest, parameters)};
  // At infinity a formula may give NaN, e.g. 0 times infinity, which is no bound.
  if (std::isnan(a.lowest)) a.lowest = -kUnbounded;
  if (std::isnan(a.highest)) a.highest = kUnbounded;
  return a;
}

bool IsInOneTail(const ValueRange& z, const Tails& tails) {
  return z.highest <= tails.lower || z.lowest >= tails.upper;
}

// The known ranges of a layer's values at its two taps.
struct LayerRanges {
  Ranges z;
  Ranges a;
};

// The ranges of all sources side by side. An input's range is unknown.
Ranges Gathered(const Layer& layer, const std::vector<LayerRanges>& in_front) {
  Ranges gathered;
  for (const Source& source : layer.sources) {
    if (source.is_input()) {
      gathered.resize(gathered.size() + static_cast<std::size_t>(source.width));
      continue;
    }
    const LayerRanges& ranges = in_front[static_cast<std::size_t>(source.layer)];
    const Ranges& values = source.tap == Tap::kPreActivation ? ranges.z : ranges.a;
    const auto first = values.begin() + source.first;
    gathered.insert(gathered.end(), first, first + source.width);
  }
  return gathered;
}

}  // namespace

std::vector<std::int64_t> CountDeadUnits(const Network& network, double epsilon) {
  std::vector<std::int64_t> dead;
  std::vector<LayerRanges> known;
  for (const Layer& layer : network.layers()) {
    const ActivationInfo& info = InfoOf(layer.activation.kind);
    const Ranges x = Gathered(layer, known);
    LayerRanges ranges;
    // The GLU family has fewer outputs than units; their ranges stay unknown.
    ranges.a.resize(static_cast<std::size_t>(layer.outputs()));
    const std::vector<Tails> tails = layer.has_activity()
                                         ? TailsOfUnits(layer.activation, layer.units, epsilon)
                                         : std::vector<Tails>();
    std::int64_t count = 0;
    for (std::int64_t unit = 0; unit < layer.units; ++unit) {
      const auto index = static_cast<std::size_t>(unit);
      const ValueRange z = PreActivationRange(layer, x, index);
      ranges.z.push_back(z);
      if (layer.outputs() != layer.units) continue;
      const absl::Span<const float> parameters =
          info.elementwise ? ParametersOfUnit(layer.activation, unit) : absl::Span<const float>();
      if (!tails.empty() && IsInOneTail(z, tails[index])) ++count;
      ranges.a[index] = ActivationRange(info, parameters, z);
    }
    dead.push_back(count);
    known.push_back(std::move(ranges));
  }
  return dead;
}

}  // namespace mlp
