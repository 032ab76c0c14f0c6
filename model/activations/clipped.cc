// Clipped lines and parabolas. Evaluated by functions/clipped.h (hard tanh:
// functions/rectifiers.h).

#include <algorithm>
#include <cmath>

#include "model/activations/registry_families.h"
#include "model/activations/tail_search.h"

namespace mlp::internal {
namespace {

double HardSigmoidValue(double z, Parameters p) {
  return std::clamp(static_cast<double>(p[0]) * z + p[1], 0.0, 1.0);
}

double HardSigmoidSlope(double z, Parameters p) {
  const double a = HardSigmoidValue(z, p);
  return a > 0.0 && a < 1.0 ? p[0] : 0.0;
}

Tails HardSigmoidTails(Parameters p, double /*epsilon*/) {
  const double alpha = p[0];
  return {-p[1] / alpha, (1.0 - p[1]) / alpha};
}

double HardSwishSlope(double z, Parameters /*parameters*/) {
  return z <= -3.0 ? 0.0 : z <= 3.0 ? (2.0 * z + 3.0) / 6.0 : 1.0;
}

double SparsePlusValue(double z, Parameters /*parameters*/) {
  return z <= -1.0 ? 0.0 : z < 1.0 ? (z + 1.0) * (z + 1.0) / 4.0 : z;
}

constexpr ActivationParameter kHardSigmoid[] = {{"alpha", 0.2F, 1e-20F, 1e20F},
                                                {"beta", 0.5F, -1e20F, 1e20F}};
constexpr ActivationParameter kHardTanh[] = {{"min", -1.0F, -kInfinity, kInfinity},
                                             {"max", 1.0F, -kInfinity, kInfinity}};

constexpr ActivationInfo kClippedLines[] = {
    // ONNX's default and Keras 2's alpha is 0.2; PyTorch's and Keras 3's is 1/6.
    {.kind = ActivationKind::kHardSigmoid,
     .name = "hard_sigmoid",
     .formula = "min(max(alpha z + beta, 0), 1)",
     .source = "ONNX operator HardSigmoid",
     .names = {"Hardsigmoid", "hard_sigmoid", "HardSigmoid", ""},
     .parameters = kHardSigmoid,
     .value = HardSigmoidValue,
     .slope = HardSigmoidSlope,
     .steepest = [](Parameters p) { return std::fabs(static_cast<double>(p[0])); },
     .tails = HardSigmoidTails},
    {.kind = ActivationKind::kHardSwish,
     .name = "hard_swish",
     .formula = "z min(max(z + 3, 0), 6) / 6",
     .source = "Howard et al. 2019",
     .names = {"Hardswish", "hard_silu", "HardSwish", ""},
     .value = [](double z, Parameters) { return z * std::clamp(z + 3.0, 0.0, 6.0) / 6.0; },
     .slope = HardSwishSlope,
     .steepest = [](Parameters) { return 1.5; },
     .tails = [](Parameters p,
                 double epsilon) { return SearchTails(HardSwishSlope, p, epsilon, 1.5, 64.0); }},
    {.kind = ActivationKind::kHardTanh,
     .name = "hard_tanh",
     .formula = "min(max(z, min), max)",
     .source = "Collobert 2004",
     .names = {"Hardtanh", "hard_tanh", "Clip", ""},
     .parameters = kHardTanh,
     .value = [](double z, Parameters p) { return std::clamp<double>(z, p[0], p[1]); },
     .slope = [](double z, Parameters p) { return z > p[0] && z < p[1] ? 1.0 : 0.0; },
     .steepest = One,
     // An infinite bound cuts nothing off.
     .tails =
         [](Parameters p, double) {
           return Tails{p[0] == -kInfinity ? kNoTail : p[0], p[1] == kInfinity ? kNoTail : p[1]};
         }},
    {.kind = ActivationKind::kSparsePlus,
     .name = "sparse_plus",
     .formula = "0 for z <= -1, (z + 1)^2 / 4 for z < 1, else z",
     .source = "keras.activations.sparse_plus",
     .names = {"", "sparse_plus", "", ""},
     .value = SparsePlusValue,
     .slope = [](double z, Parameters) { return std::clamp((z + 1.0) / 2.0, 0.0, 1.0); },
     .steepest = One,
     .tails =
         [](Parameters, double epsilon) {
           return Tails{2.0 * epsilon - 1.0, kNoTail};
         }},
    {.kind = ActivationKind::kSparseSigmoid,
     .name = "sparse_sigmoid",
     .formula = "min(max((z + 1) / 2, 0), 1)",
     .source = "keras.activations.sparse_sigmoid",
     .names = {"", "sparse_sigmoid", "HardSigmoid", ""},
     .value = [](double z, Parameters) { return std::clamp((z + 1.0) / 2.0, 0.0, 1.0); },
     .slope = [](double z, Parameters) { return std::fabs(z) < 1.0 ? 0.5 : 0.0; },
     .steepest = [](Parameters) { return 0.5; },
     .tails =
         [](Parameters, double) {
           return Tails{-1.0, 1.0};
         }},
};

}  // namespace

absl::Span<const ActivationInfo> ClippedLines() { return kClippedLines; }

}  // namespace mlp::internal
