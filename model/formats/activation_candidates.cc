#include "model/formats/activation_candidates.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <utility>

namespace mlp {
namespace {

// Beyond this many constants their products and quotients are not tried as parameters.
constexpr std::size_t kMostForDerived = 5;

// What a parameter may be.
std::vector<float> ParametersFrom(const std::vector<double>& constants) {
  std::vector<float> parameters;
  const auto add = [&](double value) {
    const auto parameter = static_cast<float>(value);
    const bool there =
        std::find(parameters.begin(), parameters.end(), parameter) != parameters.end();
    if (std::isfinite(parameter) && !there) parameters.push_back(parameter);
  };
  // The plain ones first, so that a parameter is the very number of the file where it can be.
  for (const double constant : constants) add(constant);
  for (const double constant : constants) add(-constant);
  add(0.0);
  add(1.0);
  for (const double constant : constants) {
    if (constant != 0.0) add(1.0 / constant);
  }
  if (constants.size() <= kMostForDerived) {
    for (const double left : constants) {
      for (const double right : constants) {
        add(left * right);
        if (right != 0.0) add(left / right);
      }
    }
  }
  return parameters;
}

bool Agrees(double value, float candidate) {
  // A spelling that overflows where the activation does not means the activation all the same.
  if (!std::isfinite(value)) return true;
  return std::fabs(value - static_cast<double>(candidate)) <=
         4e-6 * std::max(1e-2, std::fabs(value));
}

// Whether `activation` has `values` at the points.
bool Matches(const Activation& activation, const std::vector<float>& points,
             const std::vector<double>& values, std::int64_t& evaluations_left) {
  constexpr std::size_t kChunk = 8;
  const ActivationInfo& info = InfoOf(activation.kind);
  for (std::size_t begin = 0; begin < points.size(); begin += kChunk) {
    const std::size_t count = std::min(kChunk, points.size() - begin);
    float results[kChunk];
    const std::vector<float> alphas(kChunk,
                                    activation.alpha.empty() ? 0.0F : activation.alpha.front());
    info.values(points.data() + begin, alphas.data(), static_cast<std::int64_t>(count), results);
    evaluations_left -= static_cast<std::int64_t>(count);
    for (std::size_t i = 0; i < count; ++i) {
      if (!Agrees(values[begin + i], results[i])) return false;
    }
  }
  return true;
}

}  // namespace

std::optional<Activation> MatchingActivation(const std::vector<double>& points,
                                             const std::vector<double>& values,
                                             const std::vector<double>& constants,
                                             std::int64_t& evaluations_left) {
  const auto finite = std::count_if(values.begin(), values.end(),
                                    [](double value) { return std::isfinite(value); });
  if (2 * static_cast<std::size_t>(finite) < values.size()) return std::nullopt;
  const std::vector<float> at(points.begin(), points.end());
  for (const bool with_alpha : {false, true}) {
    const std::vector<float> parameters =
        with_alpha ? ParametersFrom(constants) : std::vector<float>{0.0F};
    for (const ActivationInfo* info : AllActivations()) {
      const bool candidate = info->elementwise && info->kind != ActivationKind::kIdentity;
      if (!candidate || info->has_alpha != with_alpha) continue;
      for (const float parameter : parameters) {
        if (evaluations_left <= 0) return std::nullopt;
        Activation activation{info->kind, {}};
        if (with_alpha) activation.alpha = {parameter};
        if (Matches(activation, at, values, evaluations_left)) return activation;
      }
    }
  }
  return std::nullopt;
}

Activation PreluOf(std::vector<float> slopes) {
  return {ActivationKind::kPrelu, std::move(slopes)};
}

}  // namespace mlp
