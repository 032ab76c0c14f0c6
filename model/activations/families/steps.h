// The smooth steps.

#ifndef MLP_MODEL_ACTIVATIONS_FAMILIES_STEPS_H_
#define MLP_MODEL_ACTIVATIONS_FAMILIES_STEPS_H_

#ifndef MLP_KERNEL_NAMESPACE
// The registry's half.

#include <cmath>

#include "model/activations/registry_entry.h"

namespace mlp::internal {

// f (1 - f) = epsilon / 4 has the roots f = (1 -+ r) / 2 with r = sqrt(1 - epsilon).
inline Tails SigmoidTails(Parameters /*parameters*/, double epsilon) {
  const double r = std::sqrt(1.0 - epsilon);
  // epsilon / (1 + r) is 1 - r without cancellation.
  const double bound = std::log((1.0 + r) * (1.0 + r) / epsilon);
  return {-bound, bound};
}

// 1 - f^2 = epsilon at f = -+sqrt(1 - epsilon).
inline Tails TanhTails(Parameters parameters, double epsilon) {
  const double bound = SigmoidTails(parameters, epsilon).upper / 2.0;
  return {-bound, bound};
}

// 1 / (1 + |z|)^2 = epsilon.
inline Tails SoftsignTails(Parameters /*parameters*/, double epsilon) {
  const double bound = 1.0 / std::sqrt(epsilon) - 1.0;
  return {-bound, bound};
}

inline constexpr ActivationInfo kSteps[] = {
    {.kind = ActivationKind::kSigmoid,
     .name = "sigmoid",
     .formula = "1 / (1 + e^-z)",
     .source = "ONNX operator Sigmoid",
     .names = {"Sigmoid", "sigmoid", "Sigmoid", "logistic"},
     .value = [](double z, Parameters) { return LogisticOf(z); },
     .slope = [](double z, Parameters) { return LogisticOf(z) * LogisticOf(-z); },
     .steepest = [](Parameters) { return 0.25; },
     .tails = SigmoidTails,
     .is_monotone = Always,
     .onnx = AsOnnxOperator("Sigmoid")},
    {.kind = ActivationKind::kTanh,
     .name = "tanh",
     .formula = "tanh z",
     .source = "ONNX operator Tanh",
     .names = {"Tanh", "tanh", "Tanh", "tanh"},
     .value = [](double z, Parameters) { return std::tanh(z); },
     .slope = [](double z, Parameters) { return 1.0 / (std::cosh(z) * std::cosh(z)); },
     .steepest = One,
     .tails = TanhTails,
     .is_monotone = Always,
     .onnx = AsOnnxOperator("Tanh")},
    {.kind = ActivationKind::kSoftsign,
     .name = "softsign",
     .formula = "z / (1 + |z|)",
     .source = "Turian et al. 2009",
     .names = {"Softsign", "softsign", "Softsign", ""},
     .value = [](double z, Parameters) { return z / (1.0 + std::fabs(z)); },
     .slope = [](double z,
                 Parameters) { return 1.0 / ((1.0 + std::fabs(z)) * (1.0 + std::fabs(z))); },
     .steepest = One,
     .tails = SoftsignTails,
     .is_monotone = Always,
     .onnx = AsOnnxOperator("Softsign")},
};

}  // namespace mlp::internal

#else
// The kernels' half, compiled for each instruction set.

#include "model/activations/functions/exponential.h"
#include "model/activations/functions/packet_form.h"

namespace mlp::MLP_KERNEL_NAMESPACE {

template <typename P>
struct Sigmoid {
  static constexpr bool kIsNeverNegative = true;
  explicit Sigmoid(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const {
    // With e = e^-|z|: below 0, e / (1 + e), scaled last so that denormal results are rounded once;
    // above 0, 1 / (1 + e).
    const Scaled<P> e = ScaledExp<P>(pmax<P>(-pabs<P>(z), Set<P>(-120.0F)));
    const P denominator = Set<P>(1.0F) + UnscaleOrTiny<P>(e.mantissa, e.exponent);
    const P below = pcmp_lt<P>(z, Set<P>(0.0F));
    const P numerator = pselect<P>(below, e.mantissa, Set<P>(1.0F));
    const P quotient = numerator / denominator;
    return pselect<P>(below, Unscale<P>(quotient, e.exponent), quotient);
  }
  MLP_INLINE P Slope(P /*z*/, P a) const { return pmadd<P>(-a, a, a); }
};
template <>
struct PacketForm<ActivationKind::kSigmoid> : OfParameters<Sigmoid> {};

template <typename P>
struct Tanh {
  explicit Tanh(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const {
    // -t / (2 + t) with t = e^-2|z| - 1, which cancels nowhere.
    const P t = Expm1<P>(pmax<P>(Set<P>(-2.0F) * pabs<P>(z), Set<P>(-40.0F)));
    return WithSignOf<P>(pabs<P>(t) / (Set<P>(2.0F) + t), z);
  }
  MLP_INLINE P Slope(P /*z*/, P a) const { return pmadd<P>(-a, a, Set<P>(1.0F)); }
};
template <>
struct PacketForm<ActivationKind::kTanh> : OfParameters<Tanh> {};

template <typename P>
struct Softsign {
  explicit Softsign(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const {
    // Beyond 2^30 the quotient is 1 to the last bit; infinity would give NaN.
    const P cut = Clamp<P>(z, Set<P>(-0x1p30F), Set<P>(0x1p30F));
    return cut / (Set<P>(1.0F) + pabs<P>(cut));
  }
  MLP_INLINE P Slope(P z, P /*a*/) const {
    const P root = Set<P>(1.0F) / (Set<P>(1.0F) + pabs<P>(z));
    return root * root;
  }
};
template <>
struct PacketForm<ActivationKind::kSoftsign> : OfParameters<Softsign> {};

}  // namespace mlp::MLP_KERNEL_NAMESPACE

#endif  // MLP_KERNEL_NAMESPACE
#endif  // MLP_MODEL_ACTIVATIONS_FAMILIES_STEPS_H_
