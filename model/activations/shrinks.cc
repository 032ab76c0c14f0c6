// The shrinkage functions. Evaluated by functions/shrinks.h.

#include <algorithm>
#include <cmath>

#include "model/activations/registry_families.h"

namespace mlp::internal {
namespace {

// Flat between two kinks and nowhere else, so that there are no tails.
double ShrinkSlope(double z, Parameters p) { return std::fabs(z) > p[0] ? 1.0 : 0.0; }

constexpr ActivationParameter kLambda[] = {{"lambda", 0.5F, 0.0F, kLargestFloat}};

constexpr ActivationInfo kShrinks[] = {
    {.kind = ActivationKind::kSoftShrink,
     .name = "soft_shrink",
     .formula = "z - min(max(z, -lambda), lambda)",
     .source = "Donoho 1995",
     .names = {"Softshrink", "soft_shrink", "Shrink", ""},
     .parameters = kLambda,
     .value = [](double z, Parameters p) { return z - std::clamp<double>(z, -p[0], p[0]); },
     .slope = ShrinkSlope,
     .steepest = One,
     .tails = NoTails},
    {.kind = ActivationKind::kHardShrink,
     .name = "hard_shrink",
     .formula = "z for |z| > lambda, else 0",
     .source = "Donoho and Johnstone 1994",
     .names = {"Hardshrink", "hard_shrink", "Shrink", ""},
     .parameters = kLambda,
     .value = [](double z, Parameters p) { return std::fabs(z) > p[0] ? z : 0.0; },
     .slope = ShrinkSlope,
     .steepest = One,
     .tails = NoTails},
    {.kind = ActivationKind::kTanhShrink,
     .name = "tanh_shrink",
     .formula = "z - tanh z",
     .source = "torch.nn.Tanhshrink",
     .names = {"Tanhshrink", "tanh_shrink", "", ""},
     .value = [](double z, Parameters) { return z - std::tanh(z); },
     .slope = [](double z, Parameters) { return std::tanh(z) * std::tanh(z); },
     .steepest = One,
     .tails = NoTails},
};

}  // namespace

absl::Span<const ActivationInfo> Shrinks() { return kShrinks; }

}  // namespace mlp::internal
