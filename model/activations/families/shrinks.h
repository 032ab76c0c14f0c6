// The shrinkage functions.

#ifndef MLP_MODEL_ACTIVATIONS_FAMILIES_SHRINKS_H_
#define MLP_MODEL_ACTIVATIONS_FAMILIES_SHRINKS_H_

#ifndef MLP_KERNEL_NAMESPACE
// The registry's half.

#include <algorithm>
#include <cmath>
#include <vector>

#include "model/activations/registry_entry.h"

namespace mlp::internal {

// Flat between two kinks and nowhere else, so there are no tails.
inline double ShrinkSlope(double z, Parameters p) { return std::fabs(z) > p[0] ? 1.0 : 0.0; }

// Shrink with `lambd` and `bias` is z - bias above lambd, z + bias below -lambd, and 0 otherwise.
inline std::vector<OnnxFormAttribute> SoftShrinkAttributes(Parameters p) {
  return {{"lambd", p[0]}, {"bias", p[0]}};
}
inline std::vector<OnnxFormAttribute> HardShrinkAttributes(Parameters p) {
  return {{"lambd", p[0]}, {"bias", 0.0F}};
}

inline constexpr ActivationParameter kLambda[] = {{"lambda", 0.5F, 0.0F, kLargestFloat}};

inline constexpr ActivationInfo kShrinks[] = {
    {.kind = ActivationKind::kSoftShrink,
     .name = "soft_shrink",
     .formula = "z - min(max(z, -lambda), lambda)",
     .source = "Donoho 1995",
     .names = {"Softshrink", "soft_shrink", "Shrink", ""},
     .parameters = kLambda,
     .value = [](double z, Parameters p) { return z - std::clamp<double>(z, -p[0], p[0]); },
     .slope = ShrinkSlope,
     .steepest = One,
     .tails = NoTails,
     .is_monotone = Never,
     .onnx = AsOnnxOperator("Shrink", SoftShrinkAttributes)},
    {.kind = ActivationKind::kHardShrink,
     .name = "hard_shrink",
     .formula = "z for |z| > lambda, else 0",
     .source = "Donoho and Johnstone 1994",
     .names = {"Hardshrink", "hard_shrink", "Shrink", ""},
     .parameters = kLambda,
     .value = [](double z, Parameters p) { return std::fabs(z) > p[0] ? z : 0.0; },
     .slope = ShrinkSlope,
     .steepest = One,
     .tails = NoTails,
     .is_monotone = Never,
     .onnx = AsOnnxOperator("Shrink", HardShrinkAttributes)},
    {.kind = ActivationKind::kTanhShrink,
     .name = "tanh_shrink",
     .formula = "z - tanh z",
     .source = "torch.nn.Tanhshrink",
     .names = {"Tanhshrink", "tanh_shrink", "", ""},
     .value = [](double z, Parameters) { return z - std::tanh(z); },
     .slope = [](double z, Parameters) { return std::tanh(z) * std::tanh(z); },
     .steepest = One,
     .tails = NoTails,
     .is_monotone = Always,
     .onnx = AsOnnxFormula([](OnnxFormula& f, OnnxOperand z, Parameters) {
       return f.Of("Sub", {z, f.Of("Tanh", {z})});
     })},
};

}  // namespace mlp::internal

#else
// The kernels' half, compiled for each instruction set.

#include "model/activations/functions/exponential.h"
#include "model/activations/functions/packet_form.h"

namespace mlp::MLP_KERNEL_NAMESPACE {

template <typename P>
struct SoftShrink {
  explicit SoftShrink(const float* parameters) : lambda(Set<P>(parameters[0])) {}
  MLP_INLINE P operator()(P z) const { return z - Clamp<P>(z, -lambda, lambda); }
  MLP_INLINE P Slope(P z, P /*a*/) const {
    return pand<P>(pcmp_lt<P>(lambda, pabs<P>(z)), Set<P>(1.0F));
  }

  P lambda;
};
template <>
struct PacketForm<ActivationKind::kSoftShrink> : OfParameters<SoftShrink> {};

template <typename P>
struct HardShrink {
  explicit HardShrink(const float* parameters) : lambda(Set<P>(parameters[0])) {}
  MLP_INLINE P operator()(P z) const { return pandnot<P>(z, pcmp_le<P>(pabs<P>(z), lambda)); }
  MLP_INLINE P Slope(P z, P /*a*/) const {
    return pand<P>(pcmp_lt<P>(lambda, pabs<P>(z)), Set<P>(1.0F));
  }

  P lambda;
};
template <>
struct PacketForm<ActivationKind::kHardShrink> : OfParameters<HardShrink> {};

template <typename P>
struct TanhShrink {
  explicit TanhShrink(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const {
    const P w = pabs<P>(z);
    // Below 1 the difference cancels, so a polynomial in z^2 is used, with a relative error of
    // 3.9e-8. Its argument is clamped to stay finite where the polynomial is not used.
    const P s = pmin<P>(w * w, Set<P>(1.0F));
    static constexpr float kCoefficients[] = {-0.13333331F,     0.0539675988F,   -0.0218625832F,
                                              0.00882627815F,   -0.00347844488F, 0.00124222599F,
                                              -0.000337731704F, 4.84775228e-05F};
    const P series = pmadd<P>(SplitPolynomial<P>(s, s * s, kCoefficients), s, Set<P>(0.333333343F));
    // Above 1, w - tanh w = (w - 1) + 2 / (e^2w + 1); no term is greater than the sum.
    const Scaled<P> e = ScaledExp<P>(pmax<P>(Set<P>(-2.0F) * w, Set<P>(-80.0F)));
    const P u = UnscaleOrTiny<P>(e.mantissa, e.exponent);
    const P one = Set<P>(1.0F);
    const P difference = (w - one) + (u + u) / (one + u);
    return WithSignOf<P>(pselect<P>(pcmp_lt<P>(w, one), w * s * series, difference), z);
  }
  // tanh^2.
  MLP_INLINE P Slope(P z, P a) const {
    const P step = z - a;
    return pselect<P>(pcmp_lt<P>(pabs<P>(z), Set<P>(20.0F)), step * step, Set<P>(1.0F));
  }
};
template <>
struct PacketForm<ActivationKind::kTanhShrink> : OfParameters<TanhShrink> {};

}  // namespace mlp::MLP_KERNEL_NAMESPACE

#endif  // MLP_KERNEL_NAMESPACE
#endif  // MLP_MODEL_ACTIVATIONS_FAMILIES_SHRINKS_H_
