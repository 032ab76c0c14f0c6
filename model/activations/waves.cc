// The periodic activations. Evaluated by functions/waves.h.

#include <cmath>

#include "model/activations/registry_families.h"

namespace mlp::internal {
namespace {

// The slope comes back again and again, so that there are no tails. SIREN's frequency, as in
// sin(30 z), is a scale of the weights.
constexpr ActivationInfo kWaves[] = {
    {.kind = ActivationKind::kSine,
     .name = "sine",
     .formula = "sin z",
     .source = "Sitzmann et al. 2020",
     .names = {"", "", "Sin", ""},
     .value = [](double z, Parameters) { return std::sin(z); },
     .slope = [](double z, Parameters) { return std::cos(z); },
     .steepest = One,
     .tails = NoTails},
};

}  // namespace

absl::Span<const ActivationInfo> Waves() { return kWaves; }

}  // namespace mlp::internal
