// The periodic activations.

#ifndef MLP_MODEL_ACTIVATIONS_FAMILIES_WAVES_H_
#define MLP_MODEL_ACTIVATIONS_FAMILIES_WAVES_H_

#ifndef MLP_KERNEL_NAMESPACE
// The registry's half.

#include <cmath>

#include "model/activations/registry_entry.h"

namespace mlp::internal {

// The slope keeps returning to every value, so there are no tails. SIREN's frequency, as in
// sin(30 z), is part of the weights.
inline constexpr ActivationInfo kWaves[] = {
    {.kind = ActivationKind::kSine,
     .name = "sine",
     .formula = "sin z",
     .source = "Sitzmann et al. 2020",
     .names = {"", "", "Sin", ""},
     .value = [](double z, Parameters) { return std::sin(z); },
     .slope = [](double z, Parameters) { return std::cos(z); },
     .steepest = One,
     .tails = NoTails,
     .is_monotone = Never,
     .bounds = {-1.0, 1.0},
     .onnx = AsOnnxOperator("Sin")},
};

}  // namespace mlp::internal

#else
// The kernels' half, compiled for each instruction set.

#include "model/activations/functions/packet.h"
#include "model/activations/functions/packet_form.h"

namespace mlp::MLP_KERNEL_NAMESPACE {

// Eigen's functions are within 2.2 ulp over all floats; they reduce large arguments by Payne and
// Hanek's method.
template <typename P>
struct Sine {
  explicit Sine(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const { return Eigen::internal::psin<P>(z); }
  MLP_INLINE P Slope(P z, P /*a*/) const { return pabs<P>(Eigen::internal::pcos<P>(z)); }
};
template <>
struct PacketForm<ActivationKind::kSine> : OfParameters<Sine> {};

}  // namespace mlp::MLP_KERNEL_NAMESPACE

#endif  // MLP_KERNEL_NAMESPACE
#endif  // MLP_MODEL_ACTIVATIONS_FAMILIES_WAVES_H_
