// exp, expm1 and log1p on packets: the building blocks of the smooth activations.
//
// fit/fit_coefficients.py computes the coefficients. The errors given here are those of the
// polynomials alone.

#ifndef MLP_MODEL_ACTIVATIONS_FUNCTIONS_EXPONENTIAL_H_
#define MLP_MODEL_ACTIVATIONS_FUNCTIONS_EXPONENTIAL_H_

#include "model/activations/functions/packet.h"

namespace mlp::MLP_KERNEL_NAMESPACE {

// x = n ln 2 + rest, with an integer n and |rest| at most (ln 2) / 2.
template <typename P>
struct Reduced {
  P n;
  P rest;
};

// For |x| up to 300. The first part of ln 2 has 10 bits, so its product with n is exact, fused or
// not. The second part makes the sum accurate to 2^-37.
template <typename P>
MLP_INLINE Reduced<P> Reduce(P x) {
  const P to_whole = Set<P>(0x1.8p23F);
  const P n = pmadd<P>(x, Set<P>(1.44269504F), to_whole) - to_whole;
  const P rest = pmadd<P>(n, Set<P>(-0.693359375F), x);
  return {n, pmadd<P>(n, Set<P>(2.12194440e-4F), rest)};
}

// e^(x + low) for |x| up to 170, with a mantissa in [0.70, 1.42]. Relative error 3.7e-9.
template <typename P>
MLP_INLINE Scaled<P> ScaledExp(P x, P low) {
  const Reduced<P> reduced = Reduce<P>(x);
  const P r = reduced.rest + low;
  static constexpr float kCoefficients[] = {0.49999994F, 0.166665211F, 0.041668389F, 0.0083687352F,
                                            0.00138145592F};
  const P square = r * r;
  const P q = SplitPolynomial<P>(r, square, kCoefficients);
  const P one = Set<P>(1.0F);
  const P above_one = pmadd<P>(square, q, r);
  const P mantissa = one + above_one;
  return {mantissa, reduced.n, above_one - (mantissa - one)};
}

template <typename P>
MLP_INLINE Scaled<P> ScaledExp(P x) {
  return ScaledExp<P>(x, Set<P>(0.0F));
}

// The same reduction for x in [-60, 0].
template <typename P>
MLP_INLINE Reduced<P> ReduceBelowZero(P x) {
  if constexpr (kFused<P>) {
    // ln 2 as one float: its error of 1.9e-9 |n| is small compared with e^x - 1 in this range.
    const P to_whole = Set<P>(0x1.8p23F);
    const P n = pmadd<P>(x, Set<P>(1.44269504F), to_whole) - to_whole;
    return {n, pmadd<P>(n, Set<P>(-0.693147182F), x)};
  } else {
    return Reduce<P>(x);
  }
}

// e^x - 1 for x in [-60, 0], accurate relative to the result even near 0. Relative error 6.7e-9.
template <typename P>
MLP_INLINE P Expm1(P x) {
  const Reduced<P> reduced = ReduceBelowZero<P>(x);
  const P r = reduced.rest;
  static constexpr float kCoefficients[] = {0.5F,           0.166666657F,   0.0416663624F,
                                            0.00833338965F, 0.00139406545F, 0.000198458802F};
  const P square = r * r;
  const P q = SplitPolynomial<P>(r, square, kCoefficients);
  const P power = PowerOfTwo<P>(reduced.n);
  // Products with a power of two are exact, so the result is the same whether fused or not.
  return pmadd<P>(power, pmadd<P>(square, q, r), power - Set<P>(1.0F));
}

// e^x for slopes; x is clamped to [-87, 88].
template <typename P>
MLP_INLINE P ExpForSlope(P x) {
  const Scaled<P> e = ScaledExp<P>(Clamp<P>(x, Set<P>(-87.0F), Set<P>(88.0F)));
  return UnscaleOrTiny<P>(e.mantissa, e.exponent);
}

// log(1 + u) / u for u in [0, 1]. Relative error 7.9e-9.
template <typename P>
MLP_INLINE P Log1pOverArgument(P u) {
  // The first coefficients are applied one by one: in a split polynomial their sums would cancel
  // and lose accuracy.
  static constexpr float kCoefficients[] = {-0.249885798F,  0.198979318F,   -0.161293358F,
                                            0.124671236F,   -0.0830740854F, 0.0419813767F,
                                            -0.0136314882F, 0.0020729492F};
  const P tail = SplitPolynomial<P>(u, u * u, kCoefficients);
  const P third = pmadd<P>(tail, u, Set<P>(0.333326906F));
  return pmadd<P>(pmadd<P>(third, u, Set<P>(-0.499999881F)), u, Set<P>(1.0F));
}

}  // namespace mlp::MLP_KERNEL_NAMESPACE

#endif  // MLP_MODEL_ACTIVATIONS_FUNCTIONS_EXPONENTIAL_H_
