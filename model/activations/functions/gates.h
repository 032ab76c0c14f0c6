// z times a smooth step, as functors over packets. Formulas and sources: ../gates.cc.
//
// Towards -infinity each keeps its relative accuracy until it underflows: z is multiplied in before
// the power of two, which comes last.

#ifndef MLP_MODEL_ACTIVATIONS_FUNCTIONS_GATES_H_
#define MLP_MODEL_ACTIVATIONS_FUNCTIONS_GATES_H_

#include "model/activations/functions/exponential.h"

namespace mlp::MLP_KERNEL_NAMESPACE {

// z / (1 + e^-x) for x = x.high + x.low with |x| up to 170, and the absolute value of its
// derivative for x' = dx/dz: s (1 + z x' (1 - s)) with s = 1 / (1 + e^-x). `cut` is z, but finite,
// where x < 0, and z or something greater elsewhere.
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

// The functors below are values, slopes, or both in one, of which the compiler drops what is not
// asked for.
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
  P limit;  // where |alpha z| is 170, so that the step is 0 or 1
};

// z sigmoid(x) with x = 2 sqrt(2 / pi) (z + 0.044715 z^3) = z (c1 + c3 z^2).
template <typename P>
struct GeluTanh {
  explicit GeluTanh(const float* /*parameters*/) {}
  MLP_INLINE ValueAndSlope<P> Both(P z) const {
    // Beyond 11.5 the step is 1 or the product 0. x grows to 127 there and must be good to 2^-25,
    // so it is formed as a double-float, with c1 and c3 as sums of two floats.
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

  // What the floats above leave of 2 sqrt(2 / pi) and of that times 0.044715.
  static constexpr float kC1Low = static_cast<float>(1.5957691216057307 - 1.59576917F);
  static constexpr float kC3Low = static_cast<float>(0.07135481627260025 - 0.0713548139F);
};

template <typename P>
struct Gelu {
  explicit Gelu(const float* /*parameters*/) {}
  MLP_INLINE ValueAndSlope<P> Both(P z) const {
    // The normal distribution's tail beyond w = |z| is e^(-w^2 / 2) h(w) / (w + 1.75), where h only
    // goes from 0.88 to 0.40. As a polynomial in (w - 1.75) / (w + 1.75) it has relative error
    // 2.3e-8 up to 13, behind which z times the tail is denormal. The exponential's relative
    // accuracy needs the square's rounding error.
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
    // Below 0 the result is -w times the tail, which is z times it but finite. The rounding errors
    // of the division, of the exponential and of h's product are put back; the
    // addition's would not be seen.
    const P rest = Residual<P>(one, inverse, w + shift);
    const DoubleFloat<P> product = ExactProduct<P>(h, inverse * pselect<P>(below, -w, one));
    const P low =
        pmadd<P>(pmadd<P>(e.mantissa, rest, e.low), product.high, e.mantissa * product.low);
    const P scaled = Unscale<P>(MultiplyAddRest<P>(e.mantissa, product.high, low), e.exponent);
    // |Phi(z) + z phi(z)|, to fewer digits.
    const P tail = UnscaleOrTiny<P>(e.mantissa * (h * inverse), e.exponent);
    const P density = Set<P>(0.398942280F) * UnscaleOrTiny<P>(e.mantissa, e.exponent);
    const P step = pselect<P>(below, tail, one - tail);
    return {pselect<P>(below, scaled, z * (one - scaled)),
            pabs<P>(pmadd<P>(pselect<P>(below, -w, w), density, step))};
  }
  MLP_INLINE P operator()(P z) const { return Both(z).value; }
  MLP_INLINE P Slope(P z, P /*a*/) const { return Both(z).slope; }
};

template <typename P>
struct Mish {
  explicit Mish(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const {
    // tanh(log(1 + w)) = s / (s + 2) with w = e^z and s = w (w + 2); above 0 with e^-z instead.
    const Scaled<P> e = ScaledExp<P>(pmax<P>(-pabs<P>(z), Set<P>(-170.0F)));
    const P u = UnscaleOrTiny<P>(e.mantissa, e.exponent);
    const P one = Set<P>(1.0F);
    const P two = Set<P>(2.0F);
    const P below = pcmp_lt<P>(z, Set<P>(0.0F));
    // s without its factor 2^n. Its error hardly shows in s / (s + 2) where s is large; where it is
    // small, the exponential's rounding error is worth putting back.
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
    // With w = e^z, s = w (w + 2) and d = s + 2: t = s / d, 1 - t^2 = 4 (1 + s) / d^2 and
    // 1 + s = (1 + w)^2. Above 20 all of it is 1 to six digits.
    const P w = ExpForSlope<P>(pmin<P>(cut, Set<P>(20.0F)));
    const P s = w * (w + two);
    const P over = one / (s + two);
    const P rest = Set<P>(4.0F) * w * (one + w) * over * over;
    return pabs<P>(pmadd<P>(cut, rest, s * over));
  }
};

}  // namespace mlp::MLP_KERNEL_NAMESPACE

#endif  // MLP_MODEL_ACTIVATIONS_FUNCTIONS_GATES_H_
