// The exponential units. Evaluated by functions/exponential_units.h.

#include <algorithm>
#include <cmath>

#include "model/activations/registry_families.h"

namespace mlp::internal {
namespace {

double EluValue(double z, double alpha) { return z > 0.0 ? z : alpha * std::expm1(z); }
double EluSlope(double z, double alpha) { return z > 0.0 ? 1.0 : alpha * std::exp(z); }
double EluSteepest(double alpha) { return std::max(1.0, std::fabs(alpha)); }

// |alpha| e^z = epsilon max(1, |alpha|); a flat negative side (small alpha) begins at 0.
Tails EluTails(double alpha, double epsilon) {
  const double steepness = std::fabs(alpha);
  const double upper = 1.0 < epsilon * EluSteepest(alpha) ? 0.0 : kNoTail;
  if (steepness == 0.0) return {0.0, upper};
  return {std::min(0.0, std::log(epsilon * EluSteepest(alpha) / steepness)), upper};
}

double CeluValue(double z, Parameters p) {
  return z > 0.0 ? z : p[0] * std::expm1(z / static_cast<double>(p[0]));
}

constexpr ActivationParameter kElu[] = {{"alpha", 1.0F, -1e30F, 1e30F}};
constexpr ActivationParameter kSelu[] = {{"alpha", 1.67326319F, -1e18F, 1e18F},
                                         {"gamma", 1.05070102F, 1e-18F, 1e18F}};
constexpr ActivationParameter kCelu[] = {{"alpha", 1.0F, 1e-6F, 1e6F}};

constexpr ActivationInfo kExponentialUnits[] = {
    {.kind = ActivationKind::kElu,
     .name = "elu",
     .formula = "z for z > 0, else alpha (e^z - 1)",
     .source = "Clevert et al. 2016",
     .names = {"ELU", "elu", "Elu", ""},
     .parameters = kElu,
     .value = [](double z, Parameters p) { return EluValue(z, p[0]); },
     .slope = [](double z, Parameters p) { return EluSlope(z, p[0]); },
     .steepest = [](Parameters p) { return EluSteepest(p[0]); },
     .tails = [](Parameters p, double epsilon) { return EluTails(p[0], epsilon); }},
    // The defaults are the floats nearest to the paper's fixed point.
    {.kind = ActivationKind::kSelu,
     .name = "selu",
     .formula = "gamma z for z > 0, else gamma alpha (e^z - 1)",
     .source = "Klambauer et al. 2017",
     .names = {"SELU", "selu", "Selu", ""},
     .parameters = kSelu,
     .value = [](double z, Parameters p) { return p[1] * EluValue(z, p[0]); },
     .slope = [](double z, Parameters p) { return p[1] * EluSlope(z, p[0]); },
     .steepest = [](Parameters p) { return p[1] * EluSteepest(p[0]); },
     .tails = [](Parameters p, double epsilon) { return EluTails(p[0], epsilon); }},
    {.kind = ActivationKind::kCelu,
     .name = "celu",
     .formula = "z for z > 0, else alpha (e^(z / alpha) - 1)",
     .source = "Barron 2017",
     .names = {"CELU", "celu", "Celu", ""},
     .parameters = kCelu,
     .value = CeluValue,
     .slope = [](double z,
                 Parameters p) { return z > 0.0 ? 1.0 : std::exp(z / static_cast<double>(p[0])); },
     .steepest = One,
     .tails =
         [](Parameters p, double epsilon) {
           return Tails{p[0] * std::log(epsilon), kNoTail};
         }},
    // Its slope has no bound, so no tail is flat beside it.
    {.kind = ActivationKind::kExponential,
     .name = "exponential",
     .formula = "e^z",
     .source = "keras.activations.exponential",
     .names = {"", "exponential", "Exp", ""},
     .value = [](double z, Parameters) { return std::exp(z); },
     .slope = [](double z, Parameters) { return std::exp(z); },
     .steepest = [](Parameters) { return std::numeric_limits<double>::infinity(); },
     .tails = NoTails},
};

}  // namespace

absl::Span<const ActivationInfo> ExponentialUnits() { return kExponentialUnits; }

}  // namespace mlp::internal
