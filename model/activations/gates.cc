// z times a smooth step. Evaluated by functions/gates.h. The tails have no closed form. The
// stationary points near -1 are in no tail: |f'| rises again below them.

#include <cmath>

#include "model/activations/registry_families.h"
#include "model/activations/tail_search.h"

namespace mlp::internal {
namespace {

// What |f'| is below epsilon sup|f'| from on, for any epsilon above 1e-26.
constexpr double kReach = 64.0;

// d/dz of z sigmoid(x(z)).
double GatedSlope(double z, double x, double x_slope) {
  return LogisticOf(x) + z * x_slope * LogisticOf(x) * LogisticOf(-x);
}

double SiluSlope(double z, Parameters /*parameters*/) { return GatedSlope(z, z, 1.0); }

double SiluSteepest() { return SearchSteepest(SiluSlope, {}, 0.0, 6.0); }

// With x = alpha z, f(z) is SiLU(x) / alpha and f'(z) is SiLU'(x).
Tails SwishTails(Parameters p, double epsilon) {
  const double alpha = p[0];
  if (alpha == 0.0) return {kNoTail, kNoTail};
  const Tails x = SearchTails(SiluSlope, {}, epsilon, SiluSteepest(), kReach);
  if (alpha > 0.0) return {x.lower / alpha, x.upper / alpha};
  return {x.upper / alpha, x.lower / alpha};
}

double NormalDistribution(double z) { return std::erfc(-z * std::sqrt(0.5)) / 2.0; }

double GeluSlope(double z, Parameters /*parameters*/) {
  constexpr double kDensityAt0 = 0.39894228040143268;
  return NormalDistribution(z) + z * kDensityAt0 * std::exp(-z * z / 2.0);
}

constexpr double kTwoRootTwoOverPi = 1.5957691216057308;

double GeluTanhExponent(double z) { return kTwoRootTwoOverPi * (z + 0.044715 * z * z * z); }

double GeluTanhSlope(double z, Parameters /*parameters*/) {
  return GatedSlope(z, GeluTanhExponent(z), kTwoRootTwoOverPi * (1.0 + 3.0 * 0.044715 * z * z));
}

double Softplus(double z) { return std::fmax(z, 0.0) + std::log1p(std::exp(-std::fabs(z))); }

double MishSlope(double z, Parameters /*parameters*/) {
  const double inverse = 1.0 / std::cosh(Softplus(z));
  return std::tanh(Softplus(z)) + z * LogisticOf(z) * inverse * inverse;
}

// Every f' here rises from its minimum to a maximum between 0 and 6 and falls to 1 from there.
template <double (*slope)(double z, Parameters parameters)>
double Steepest(Parameters p) {
  return SearchSteepest(slope, p, 0.0, 6.0);
}

template <double (*slope)(double z, Parameters parameters)>
Tails TailsOf(Parameters p, double epsilon) {
  return SearchTails(slope, p, epsilon, Steepest<slope>(p), kReach);
}

constexpr ActivationParameter kSwishAlpha[] = {{"alpha", 1.0F, -1e6F, 1e6F}};

constexpr ActivationInfo kGates[] = {
    {.kind = ActivationKind::kSilu,
     .name = "silu",
     .formula = "z / (1 + e^-z)",
     .source = "Elfwing et al. 2018; Ramachandran et al. 2017",
     .names = {"SiLU", "silu", "Swish", ""},
     .value = [](double z, Parameters) { return z * LogisticOf(z); },
     .slope = SiluSlope,
     .steepest = Steepest<SiluSlope>,
     .tails = TailsOf<SiluSlope>},
    // An alpha of 1.702 makes it what is called Quick GELU.
    {.kind = ActivationKind::kSwish,
     .name = "swish",
     .formula = "z / (1 + e^(-alpha z))",
     .source = "Ramachandran et al. 2017; ONNX operator Swish",
     .names = {"", "", "Swish", ""},
     .parameters = kSwishAlpha,
     .value = [](double z, Parameters p) { return z * LogisticOf(p[0] * z); },
     .slope = [](double z, Parameters p) { return GatedSlope(z, p[0] * z, p[0]); },
     .steepest = [](Parameters p) { return p[0] == 0.0F ? 0.5 : SiluSteepest(); },
     .tails = SwishTails},
    {.kind = ActivationKind::kGelu,
     .name = "gelu",
     .formula = "z (1 + erf(z / sqrt 2)) / 2",
     .source = "Hendrycks and Gimpel 2016",
     .names = {"GELU", "gelu", "Gelu", ""},
     .value = [](double z, Parameters) { return z * NormalDistribution(z); },
     .slope = GeluSlope,
     .steepest = Steepest<GeluSlope>,
     .tails = TailsOf<GeluSlope>},
    {.kind = ActivationKind::kGeluTanh,
     .name = "gelu_tanh",
     .formula = "z (1 + tanh(sqrt(2 / pi) (z + 0.044715 z^3))) / 2",
     .source = "Hendrycks and Gimpel 2016",
     .names = {"GELU(approximate='tanh')", "gelu(approximate=True)", "Gelu(approximate='tanh')",
               ""},
     .value = [](double z, Parameters) { return z * LogisticOf(GeluTanhExponent(z)); },
     .slope = GeluTanhSlope,
     .steepest = Steepest<GeluTanhSlope>,
     .tails = TailsOf<GeluTanhSlope>},
    {.kind = ActivationKind::kMish,
     .name = "mish",
     .formula = "z tanh(log(1 + e^z))",
     .source = "Misra 2019",
     .names = {"Mish", "mish", "Mish", ""},
     .value = [](double z, Parameters) { return z * std::tanh(Softplus(z)); },
     .slope = MishSlope,
     .steepest = Steepest<MishSlope>,
     .tails = TailsOf<MishSlope>},
};

}  // namespace

absl::Span<const ActivationInfo> Gates() { return kGates; }

}  // namespace mlp::internal
