#include "client/plot/activation_curve.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace mlp {
namespace {

// Far enough to show both tails of common activations, but no further: the bend must stay visible.
constexpr double kReach = 8.0;

using Function = double (*)(double z, ActivationInfo::Parameters parameters);

// Repeatedly halves the interval, keeping the half that changes more. A continuous function's
// change shrinks with the interval; a jump's does not.
bool JumpsBetween(Function function, ActivationInfo::Parameters parameters, double low,
                  double high) {
  constexpr int kHalvings = 40;
  double at_low = function(low, parameters);
  double at_high = function(high, parameters);
  const double change = std::fabs(at_high - at_low);
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = low + (high - low) / 2;
    const double at_middle = function(middle, parameters);
    if (std::fabs(at_middle - at_low) > std::fabs(at_high - at_middle)) {
      high = middle;
      at_high = at_middle;
    } else {
      low = middle;
      at_low = at_middle;
    }
  }
  return change > 0.0 && std::fabs(at_high - at_low) > change / 2;
}

SampledLine Sample(Function function, ActivationInfo::Parameters parameters,
                   const std::vector<double>& z) {
  SampledLine line;
  line.values.reserve(z.size());
  line.jumps.reserve(z.size());
  for (std::size_t i = 0; i < z.size(); ++i) {
    line.values.push_back(function(z[i], parameters));
    line.jumps.push_back(i > 0 && JumpsBetween(function, parameters, z[i - 1], z[i]));
  }
  return line;
}

std::string TitleOf(const ActivationInfo& info, ActivationInfo::Parameters parameters) {
  std::string title(info.name);
  if (info.kind == ActivationKind::kPrelu) {
    absl::StrAppend(&title, absl::StrFormat(", alpha = %g", parameters.front()));
    return title;
  }
  for (std::size_t i = 0; i < info.parameters.size(); ++i) {
    absl::StrAppend(&title, absl::StrFormat(", %s = %g", info.parameters[i].name, parameters[i]));
  }
  return title;
}

}  // namespace

ActivationCurve SampleCurve(const Activation& activation, double epsilon, int samples) {
  const ActivationInfo& info = InfoOf(activation.kind);
  const ActivationInfo::Parameters parameters = ParametersOfUnit(activation, 0);
  ActivationCurve curve{.title = TitleOf(info, parameters),
                        .formula = std::string(info.formula),
                        .z = {},
                        .value = {},
                        .slope = {},
                        .tails = info.tails(parameters, epsilon),
                        .lowest = 0.0,
                        .highest = 0.0};
  curve.z.reserve(static_cast<std::size_t>(samples));
  for (int i = 0; i < samples; ++i) {
    curve.z.push_back(-kReach + 2 * kReach * i / (samples - 1));
  }
  curve.value = Sample(info.value, parameters, curve.z);
  curve.slope = Sample(info.slope, parameters, curve.z);
  for (const SampledLine* line : {&curve.value, &curve.slope}) {
    for (const double value : line->values) {
      if (std::isnan(value)) continue;
      curve.lowest = std::min(curve.lowest, std::max(value, -kReach));
      curve.highest = std::max(curve.highest, std::min(value, kReach));
    }
  }
  // Give a constant function a visible range too.
  if (curve.lowest == curve.highest) curve.highest = 1.0;
  return curve;
}

}  // namespace mlp
