// Both forms of GELU: z times the normal distribution. For tails and accuracy see gates.h.

#ifndef MLP_MODEL_ACTIVATIONS_FAMILIES_GELUS_H_
#define MLP_MODEL_ACTIVATIONS_FAMILIES_GELUS_H_

#ifndef MLP_KERNEL_NAMESPACE
// The registry's half.

#include <cmath>

#include "model/activations/families/gates.h"
#include "model/activations/registry_entry.h"

namespace mlp::internal {

inline double NormalDistribution(double z) { return std::erfc(-z * std::sqrt(0.5)) / 2.0; }

inline double GeluSlope(double z, Parameters /*parameters*/) {
  constexpr double kDensityAt0 = 0.39894228040143268;
  return NormalDistribution(z) + z * kDensityAt0 * std::exp(-z * z / 2.0);
}

inline constexpr double kTwoRootTwoOverPi = 1.5957691216057308;

inline double GeluTanhExponent(double z) { return kTwoRootTwoOverPi * (z + 0.044715 * z * z * z); }

inline double GeluTanhSlope(double z, Parameters /*parameters*/) {
  return GatedSlope(z, GeluTanhExponent(z), kTwoRootTwoOverPi * (1.0 + 3.0 * 0.044715 * z * z));
}

// z (1 + `inner`) / 2, the form of both GELUs. The operator Gelu would require newer runtimes.
inline OnnxOperand HalfGate(OnnxFormula& f, OnnxOperand z, OnnxOperand inner) {
  const OnnxOperand half = f.Of("Mul", {z, f.Number(0.5F)});
  return f.Of("Mul", {half, f.Of("Add", {inner, f.Number(1.0F)})});
}

inline OnnxOperand GeluOnnx(OnnxFormula& f, OnnxOperand z, Parameters /*parameters*/) {
  return HalfGate(f, z, f.Of("Erf", {f.Of("Mul", {z, f.Number(0.7071067812F)})}));
}

inline OnnxOperand GeluTanhOnnx(OnnxFormula& f, OnnxOperand z, Parameters /*parameters*/) {
  const OnnxOperand cube = f.Of("Mul", {f.Of("Mul", {z, z}), z});
  const OnnxOperand sum = f.Of("Add", {z, f.Of("Mul", {cube, f.Number(0.044715F)})});
  return HalfGate(f, z, f.Of("Tanh", {f.Of("Mul", {sum, f.Number(0.7978845608F)})}));
}

inline constexpr ActivationInfo kGelus[] = {
    {.kind = ActivationKind::kGelu,
     .name = "gelu",
     .formula = "z (1 + erf(z / sqrt 2)) / 2",
     .source = "Hendrycks and Gimpel 2016",
     .names = {"GELU", "gelu", "Gelu", ""},
     .value = [](double z, Parameters) { return z * NormalDistribution(z); },
     .slope = GeluSlope,
     .steepest = Steepest<GeluSlope>,
     .tails = TailsOf<GeluSlope>,
     .is_monotone = Never,
     .onnx = AsOnnxFormula(GeluOnnx)},
    {.kind = ActivationKind::kGeluTanh,
     .name = "gelu_tanh",
     .formula = "z (1 + tanh(sqrt(2 / pi) (z + 0.044715 z^3))) / 2",
     .source = "Hendrycks and Gimpel 2016",
     .names = {"GELU(approximate='tanh')", "gelu(approximate=True)", "Gelu(approximate='tanh')",
               ""},
     .value = [](double z, Parameters) { return z * LogisticOf(GeluTanhExponent(z)); },
     .slope = GeluTanhSlope,
     .steepest = Steepest<GeluTanhSlope>,
     .tails = TailsOf<GeluTanhSlope>,
     .is_monotone = Never,
     .onnx = AsOnnxFormula(GeluTanhOnnx)},
};

}  // namespace mlp::internal

#else
// The kernels' half, compiled for each instruction set.

#include "model/activations/families/gates.h"
#include "model/activations/functions/exponential.h"
#include "model/activations/functions/packet_form.h"

namespace mlp::MLP_KERNEL_NAMESPACE {

// z sigmoid(x) with x = 2 sqrt(2 / pi) (z + 0.044715 z^3) = z (c1 + c3 z^2).
template <typename P>
struct GeluTanh {
  explicit GeluTanh(const float* /*parameters*/) {}
  MLP_INLINE ValueAndSlope<P> Both(P z) const {
    // Beyond 11.5 the step is 1 or the product is 0. x grows to 127 there and must be accurate to
    // 2^-25, so it is computed as a double-float, with c1 and c3 as sums of two floats.
    const P cut = Clamp<P>(z, Set<P>(-11.5F), Set<P>(11.5F));
    const P c1 = Set<P>(1.59576917F);
    const P c3 = Set<P>(0.0713548139F);
    const DoubleFloat<P> square = ExactProduct<P>(cut, cut);
    const DoubleFloat<P> cubic = ExactProduct<P>(c3, square.high);
    const P cubic_low = pmadd<P>(c3, square.low, pmadd<P>(Set<P>(kC3Low), square.high, cubic.low));
    const DoubleFloat<P> factor = ExactSum<P>(c1, cubic.high);
    const P factor_low = factor.low + (cubic_low + Set<P>(kC1Low));
    const DoubleFloat<P> x = ExactProduct<P>(cut, factor.high);
    return TimesSigmoid<P>(z, cut, {x.high, pmadd<P>(cut, factor_low, x.low)},
                           pmadd<P>(Set<P>(3.0F) * c3, square.high, c1));
  }
  MLP_INLINE P operator()(P z) const { return Both(z).value; }
  MLP_INLINE P Slope(P z, P /*a*/) const { return Both(z).slope; }

  // The rounding errors of the two constants above: 2 sqrt(2 / pi), and the same times 0.044715.
  static constexpr float kC1Low = static_cast<float>(1.5957691216057307 - 1.59576917F);
  static constexpr float kC3Low = static_cast<float>(0.07135481627260025 - 0.0713548139F);
};
template <>
struct PacketForm<ActivationKind::kGeluTanh> : OfParameters<GeluTanh> {};

template <typename P>
struct Gelu {
  explicit Gelu(const float* /*parameters*/) {}
  MLP_INLINE ValueAndSlope<P> Both(P z) const {
    // The normal distribution's tail beyond w = |z| is e^(-w^2 / 2) h(w) / (w + 1.75), where h
    // falls only from 0.88 to 0.40. As a polynomial in (w - 1.75) / (w + 1.75), h has a relative
    // error of 2.3e-8 up to 13; beyond that, z times the tail is denormal. The exponential's
    // relative accuracy requires the square's rounding error.
    const P w = pmin<P>(pabs<P>(z), Set<P>(14.5F));
    const P one = Set<P>(1.0F);
    const P shift = Set<P>(1.75F);
    const P inverse = one / (w + shift);
    const P mapped = (w - shift) * inverse;
    static constexpr float kCoefficients[] = {
        -0.267828345F,   -0.0187399313F,  0.0336846486F,   0.0106520941F,   -0.00337234093F,
        -0.00387678319F, -0.00096756866F, 0.000534052029F, 0.000468116486F, 0.000104218438F};
    const P h = pmadd<P>(mapped, SplitPolynomial<P>(mapped, mapped * mapped, kCoefficients),
                         Set<P>(0.64831084F));
    const DoubleFloat<P> square = ExactProduct<P>(w, Set<P>(-0.5F) * w);
    const Scaled<P> e = ScaledExp<P>(square.high, square.low);
    const P below = pcmp_lt<P>(z, Set<P>(0.0F));
    // Below 0 the result is -w times the tail: equal to z times the tail, but finite. The rounding
    // errors of the division, the exponential and h's product are added back; the addition's would
    // not show.
    const P rest = Residual<P>(one, inverse, w + shift);
    const DoubleFloat<P> product = ExactProduct<P>(h, inverse * pselect<P>(below, -w, one));
    const P low =
        pmadd<P>(pmadd<P>(e.mantissa, rest, e.low), product.high, e.mantissa * product.low);
    const P scaled = Unscale<P>(MultiplyAddRest<P>(e.mantissa, product.high, low), e.exponent);
    // |Phi(z) + z phi(z)|, less accurately.
    const P tail = UnscaleOrTiny<P>(e.mantissa * (h * inverse), e.exponent);
    const P density = Set<P>(0.398942280F) * UnscaleOrTiny<P>(e.mantissa, e.exponent);
    const P step = pselect<P>(below, tail, one - tail);
    return {pselect<P>(below, scaled, z * (one - scaled)),
            pabs<P>(pmadd<P>(pselect<P>(below, -w, w), density, step))};
  }
  MLP_INLINE P operator()(P z) const { return Both(z).value; }
  MLP_INLINE P Slope(P z, P /*a*/) const { return Both(z).slope; }
};
template <>
struct PacketForm<ActivationKind::kGelu> : OfParameters<Gelu> {};

}  // namespace mlp::MLP_KERNEL_NAMESPACE

#endif  // MLP_KERNEL_NAMESPACE
#endif  // MLP_MODEL_ACTIVATIONS_FAMILIES_GELUS_H_
