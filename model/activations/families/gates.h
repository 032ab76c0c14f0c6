// z times a smooth step: SiLU, swish and Mish. Their tails have no closed form. The stationary
// points near -1 are in no tail: |f'| rises again below them.
//
// The packet forms keep their relative accuracy towards -infinity until underflow: they multiply by
// z before the power of two, which comes last.

#ifndef MLP_MODEL_ACTIVATIONS_FAMILIES_GATES_H_
#define MLP_MODEL_ACTIVATIONS_FAMILIES_GATES_H_

#ifndef MLP_KERNEL_NAMESPACE
// The registry's half.

#include <cmath>

#include "model/activations/registry_entry.h"
#include "model/activations/tail_search.h"

namespace mlp::internal {

// Below -kReach, |f'| is below epsilon sup|f'| for any epsilon above 1e-26.
inline constexpr double kReach = 64.0;

// d/dz of z sigmoid(x(z)).
inline double GatedSlope(double z, double x, double x_slope) {
  return LogisticOf(x) + z * x_slope * LogisticOf(x) * LogisticOf(-x);
}

inline double SiluSlope(double z, Parameters /*parameters*/) { return GatedSlope(z, z, 1.0); }

inline double SiluSteepest() { return SearchSteepest(SiluSlope, {}, 0.0, 6.0); }

// With x = alpha z, f(z) is SiLU(x) / alpha and f'(z) is SiLU'(x).
inline Tails SwishTails(Parameters p, double epsilon) {
  const double alpha = p[0];
  if (alpha == 0.0) return {kNoTail, kNoTail};
  const Tails x = SearchTails(SiluSlope, {}, epsilon, SiluSteepest(), kReach);
  if (alpha > 0.0) return {x.lower / alpha, x.upper / alpha};
  return {x.upper / alpha, x.lower / alpha};
}

inline double MishSlope(double z, Parameters /*parameters*/) {
  const double inverse = 1.0 / std::cosh(LogOnePlusExp(z));
  return std::tanh(LogOnePlusExp(z)) + z * LogisticOf(z) * inverse * inverse;
}

// Every f' here rises from its minimum to a maximum between 0 and 6, and then falls to 1.
template <double (*slope)(double z, Parameters parameters)>
double Steepest(Parameters p) {
  return SearchSteepest(slope, p, 0.0, 6.0);
}

template <double (*slope)(double z, Parameters parameters)>
Tails TailsOf(Parameters p, double epsilon) {
  return SearchTails(slope, p, epsilon, Steepest<slope>(p), kReach);
}

inline OnnxOperand SwishOnnx(OnnxFormula& f, OnnxOperand z, Parameters p) {
  return f.Of("Mul", {z, f.Of("Sigmoid", {f.Of("Mul", {z, f.Number(p[0])})})});
}

inline constexpr ActivationParameter kSwishAlpha[] = {{"alpha", 1.0F, -1e6F, 1e6F}};

inline constexpr ActivationInfo kGates[] = {
    {.kind = ActivationKind::kSilu,
     .name = "silu",
     .formula = "z / (1 + e^-z)",
     .source = "Elfwing et al. 2018; Ramachandran et al. 2017",
     .names = {"SiLU", "silu", "Swish", ""},
     .value = [](double z, Parameters) { return z * LogisticOf(z); },
     .slope = SiluSlope,
     .steepest = Steepest<SiluSlope>,
     .tails = TailsOf<SiluSlope>,
     .is_monotone = Never,
     .onnx = AsOnnxFormula([](OnnxFormula& f, OnnxOperand z, Parameters) {
       return f.Of("Mul", {z, f.Of("Sigmoid", {z})});
     })},
    // With an alpha of 1.702 it is Quick GELU.
    {.kind = ActivationKind::kSwish,
     .name = "swish",
     .formula = "z / (1 + e^(-alpha z))",
     .source = "Ramachandran et al. 2017; ONNX operator Swish",
     .names = {"", "", "Swish", ""},
     .parameters = kSwishAlpha,
     .value = [](double z, Parameters p) { return z * LogisticOf(p[0] * z); },
     .slope = [](double z, Parameters p) { return GatedSlope(z, p[0] * z, p[0]); },
     .steepest = [](Parameters p) { return p[0] == 0.0F ? 0.5 : SiluSteepest(); },
     .tails = SwishTails,
     .is_monotone = Never,
     .onnx = AsOnnxFormula(SwishOnnx)},
    {.kind = ActivationKind::kMish,
     .name = "mish",
     .formula = "z tanh(log(1 + e^z))",
     .source = "Misra 2019",
     .names = {"Mish", "mish", "Mish", ""},
     .value = [](double z, Parameters) { return z * std::tanh(LogOnePlusExp(z)); },
     .slope = MishSlope,
     .steepest = Steepest<MishSlope>,
     .tails = TailsOf<MishSlope>,
     .is_monotone = Never,
     .onnx = AsOnnxFormula([](OnnxFormula& f, OnnxOperand z, Parameters) {
       return f.Of("Mul", {z, f.Of("Tanh", {f.Of("Softplus", {z})})});
     })},
};

}  // namespace mlp::internal

#else
// The kernels' half, compiled for each instruction set.

#include "model/activations/functions/exponential.h"
#include "model/activations/functions/packet_form.h"

namespace mlp::MLP_KERNEL_NAMESPACE {

// z / (1 + e^-x) for x = x.high + x.low with |x| up to 170, and the absolute value of its
// derivative for x' = dx/dz: s (1 + z x' (1 - s)) with s = 1 / (1 + e^-x). `cut` is a finite z
// where x < 0; elsewhere it is z or a greater value.
template <typename P>
MLP_INLINE ValueAndSlope<P> TimesSigmoid(P z, P cut, DoubleFloat<P> x, P x_slope) {
  const P one = Set<P>(1.0F);
  const P flip = pxor<P>(SignBit<P>(x.high), Set<P>(-0.0F));
  const Scaled<P> e = ScaledExp<P>(pxor<P>(x.high, flip), pxor<P>(x.low, flip));
  const P u = UnscaleOrTiny<P>(e.mantissa, e.exponent);  // e^-|x|
  const P denominator = one + u;
  const P below = pcmp_lt<P>(x.high, Set<P>(0.0F));
  const P numerator = pselect<P>(below, cut * e.mantissa, z);
  const P quotient = numerator / denominator;

  const P smaller = u / denominator;
  const P larger = one - smaller;
  const P step = pselect<P>(below, smaller, larger);
  const P rest = pselect<P>(below, larger, smaller);
  return {pselect<P>(below, Unscale<P>(quotient, e.exponent), quotient),
          pabs<P>(step * pmadd<P>(cut * x_slope, rest, one))};
}

// The functors below compute value and slope together; the compiler drops the part that is not
// used.
template <typename P>
struct Silu {
  explicit Silu(const float* /*parameters*/) {}
  MLP_INLINE ValueAndSlope<P> Both(P z) const {
    const P cut = Clamp<P>(z, Set<P>(-170.0F), Set<P>(170.0F));
    return TimesSigmoid<P>(z, cut, {cut, Set<P>(0.0F)}, Set<P>(1.0F));
  }
  MLP_INLINE P operator()(P z) const { return Both(z).value; }
  MLP_INLINE P Slope(P z, P /*a*/) const { return Both(z).slope; }
};
template <>
struct PacketForm<ActivationKind::kSilu> : OfParameters<Silu> {};

template <typename P>
struct Swish {
  explicit Swish(const float* parameters) : alpha(Set<P>(parameters[0])) {
    const float magnitude = __builtin_fabsf(parameters[0]);
    const float bound = magnitude > 170.0F / 3e38F ? 170.0F / magnitude : 3e38F;
    limit = Set<P>(bound);
  }
  MLP_INLINE ValueAndSlope<P> Both(P z) const {
    const P cut = Clamp<P>(z, -limit, limit);
    return TimesSigmoid<P>(z, cut, ExactProduct<P>(alpha, cut), alpha);
  }
  MLP_INLINE P operator()(P z) const { return Both(z).value; }
  MLP_INLINE P Slope(P z, P /*a*/) const { return Both(z).slope; }

  P alpha;
  P limit;  // where |alpha z| is 170: beyond it the step is 0 or 1
};
template <>
struct PacketForm<ActivationKind::kSwish> : OfParameters<Swish> {};

template <typename P>
struct Mish {
  explicit Mish(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const {
    // tanh(log(1 + w)) = s / (s + 2) with w = e^z and s = w (w + 2). Above 0, the same with e^-z.
    const Scaled<P> e = ScaledExp<P>(pmax<P>(-pabs<P>(z), Set<P>(-170.0F)));
    const P u = UnscaleOrTiny<P>(e.mantissa, e.exponent);
    const P one = Set<P>(1.0F);
    const P two = Set<P>(2.0F);
    const P below = pcmp_lt<P>(z, Set<P>(0.0F));
    // s without its factor 2^n. Where s is large, its error hardly affects s / (s + 2). Where s is
    // small, adding back the exponential's rounding error improves the result.
    const P s = pmadd<P>(e.low + e.low, one + u, pmadd<P>(e.mantissa, u, two * e.mantissa));
    const P lower_denominator = UnscaleOrTiny<P>(s, e.exponent) + two;
    const P upper_denominator = pmadd<P>(two * u, u + one, one);
    const P numerator = pselect<P>(below, pmax<P>(z, Set<P>(-170.0F)) * s, pmadd<P>(two * u, z, z));
    const P denominator = pselect<P>(below, lower_denominator, upper_denominator);
    const P quotient = numerator / denominator;
    return pselect<P>(below, Unscale<P>(quotient, e.exponent), quotient);
  }
  // t + z (1 - t^2) sigmoid(z), where t = f(z) / z.
  MLP_INLINE P Slope(P z, P /*a*/) const {
    const P cut = Clamp<P>(z, Set<P>(-80.0F), Set<P>(40.0F));
    const P one = Set<P>(1.0F);
    const P two = Set<P>(2.0F);
    // With w = e^z, s = w (w + 2) and d = s + 2: t = s / d, 1 - t^2 = 4 (1 + s) / d^2 and 1 + s =
    // (1 + w)^2. Above 20, the slope is 1 to six digits.
    const P w = ExpForSlope<P>(pmin<P>(cut, Set<P>(20.0F)));
    const P s = w * (w + two);
    const P over = one / (s + two);
    const P rest = Set<P>(4.0F) * w * (one + w) * over * over;
    return pabs<P>(pmadd<P>(cut, rest, s * over));
  }
};
template <>
struct PacketForm<ActivationKind::kMish> : OfParameters<Mish> {};

}  // namespace mlp::MLP_KERNEL_NAMESPACE

#endif  // MLP_KERNEL_NAMESPACE
#endif  // MLP_MODEL_ACTIVATIONS_FAMILIES_GATES_H_
