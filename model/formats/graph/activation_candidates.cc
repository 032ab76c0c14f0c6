#include "model/formats/graph/activation_candidates.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace mlp {
namespace {

// With more constants, their products and quotients are not tried as parameters.
constexpr std::size_t kMaxForDerived = 5;

// Relative, but absolute near zero. A constant that an exporter writes as a float is off by half a
// float's last bit, and a formula may enlarge that error a little.
constexpr double kTolerance = 2e-6;

// The values to try as parameters.
std::vector<float> ParametersFrom(const std::vector<double>& constants) {
  std::vector<float> parameters;
  const auto add = [&](double value) {
    const auto parameter = static_cast<float>(value);
    const bool exists =
        std::find(parameters.begin(), parameters.end(), parameter) != parameters.end();
    if (std::isfinite(parameter) && !exists) parameters.push_back(parameter);
  };
  // The constants themselves come first, so that a parameter is exactly the file's number if
  // possible.
  for (const double constant : constants) add(constant);
  for (const double constant : constants) add(-constant);
  add(0.0);
  add(1.0);
  add(-1.0);
  for (const double constant : constants) {
    if (constant != 0.0) add(1.0 / constant);
  }
  if (constants.size() <= kMaxForDerived) {
    for (const double left : constants) {
      for (const double right : constants) {
        add(left * right);
        if (right != 0.0) add(left / right);
      }
    }
  }
  return parameters;
}

// A formula that overflows where the activation does not still counts as that activation. Near zero
// nothing overflows: a formula without a value there, e.g. a logarithm, is another function.
constexpr double kNearZero = 5.0;

// Where an activation is exactly 0, the formula must be too. A bound such as 1e-12, which keeps a
// divisor from 0, is not 0.
constexpr double kNotZero = 1e-30;

bool Agrees(double point, double value, double candidate) {
  if (!std::isfinite(value)) return std::fabs(point) > kNearZero;
  if (candidate == 0.0 && std::fabs(value) > kNotZero) return false;
  return std::fabs(value - candidate) <= kTolerance * std::max(1e-2, std::fabs(value));
}

class CandidateSearch {
 public:
  CandidateSearch(const std::vector<double>& points, const std::vector<double>& values,
                  std::int64_t& evaluations_left)
      : points_(points), values_(values), evaluations_left_(evaluations_left) {
    // From the outside inwards: most candidates fail at the first or the last point.
    for (std::size_t i = 0; i < points.size(); ++i) {
      order_.push_back(i % 2 == 0 ? i / 2 : points.size() - 1 - i / 2);
    }
  }

  // Searches `pool` for parameters with which `info` has the values. `chosen` holds the parameters
  // chosen so far.
  bool Search(const ActivationInfo& info, const std::vector<float>& pool,
              std::vector<float>& chosen) {
    if (chosen.size() == info.parameters.size()) {
      return Matches(info, chosen) && CheckActivation({info.kind, chosen, {}}, 1).ok();
    }
    const std::size_t depth = chosen.size();
    const ActivationParameter& parameter = info.parameters[depth];
    chosen.push_back(parameter.default_value);
    if (Search(info, pool, chosen)) return true;
    // An infinite bound means that there is no bound.
    for (const float bound : {parameter.lowest, parameter.highest}) {
      if (std::isfinite(bound) || bound == parameter.default_value) continue;
      chosen.back() = bound;
      if (Search(info, pool, chosen)) return true;
    }
    for (const float value : pool) {
      if (evaluations_left_ <= 0) break;
      if (!(value >= parameter.lowest && value <= parameter.highest)) continue;
      chosen.back() = value;
      if (Search(info, pool, chosen)) return true;
    }
    chosen.pop_back();
    return false;
  }

 private:
  bool Matches(const ActivationInfo& info, const std::vector<float>& parameters) {
    return std::all_of(order_.begin(), order_.end(), [&](std::size_t i) {
      return --evaluations_left_ > 0 &&
             Agrees(points_[i], values_[i], info.value(points_[i], parameters));
    });
  }

  const std::vector<double>& points_;
  const std::vector<double>& values_;
  std::int64_t& evaluations_left_;
  std::vector<std::size_t> order_;
};

}  // namespace

std::optional<Activation> MatchingActivation(const std::vector<double>& points,
                                             const std::vector<double>& values,
                                             const std::vector<double>& constants,
                                             std::int64_t& evaluations_left) {
  const auto finite = std::count_if(values.begin(), values.end(),
                                    [](double value) { return std::isfinite(value); });
  if (2 * static_cast<std::size_t>(finite) < values.size()) return std::nullopt;
  CandidateSearch search(points, values, evaluations_left);
  const std::vector<float> pool = ParametersFrom(constants);
  std::vector<const ActivationInfo*> candidates;
  for (const ActivationInfo* info : AllActivations()) {
    // PReLU's slope is trained and recognised by the operator; a plain number is LeakyReLU's.
    if (info->elementwise && info->kind != ActivationKind::kIdentity &&
        info->kind != ActivationKind::kPrelu) {
      candidates.push_back(info);
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const ActivationInfo* left, const ActivationInfo* right) {
                     return left->parameters.size() < right->parameters.size();
                   });
  for (const ActivationInfo* info : candidates) {
    std::vector<float> chosen;
    if (search.Search(*info, pool, chosen)) return Activation{info->kind, std::move(chosen), {}};
  }
  return std::nullopt;
}

Activation PreluOf(std::vector<float> slopes) {
  return {ActivationKind::kPrelu, {}, std::move(slopes)};
}

}  // namespace mlp
