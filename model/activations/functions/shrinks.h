// The shrinkage functions, as functors over packets. Formulas and sources: ../shrinks.cc.

#ifndef MLP_MODEL_ACTIVATIONS_FUNCTIONS_SHRINKS_H_
#define MLP_MODEL_ACTIVATIONS_FUNCTIONS_SHRINKS_H_

#include "model/activations/functions/exponential.h"

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

template <typename P>
struct HardShrink {
  explicit HardShrink(const float* parameters) : lambda(Set<P>(parameters[0])) {}
  MLP_INLINE P operator()(P z) const { return pandnot<P>(z, pcmp_le<P>(pabs<P>(z), lambda)); }
  MLP_INLINE P Slope(P z, P /*a*/) const {
    return pand<P>(pcmp_lt<P>(lambda, pabs<P>(z)), Set<P>(1.0F));
  }

  P lambda;
};

template <typename P>
struct TanhShrink {
  explicit TanhShrink(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const {
    const P w = pabs<P>(z);
    // Below 1 the difference cancels: a polynomial in z^2, relative error 3.9e-8. Its argument is
    // cut so that it stays finite where it is not wanted.
    const P s = pmin<P>(w * w, Set<P>(1.0F));
    static constexpr float kCoefficients[] = {-0.13333331F,     0.0539675988F,   -0.0218625832F,
                                              0.00882627815F,   -0.00347844488F, 0.00124222599F,
                                              -0.000337731704F, 4.84775228e-05F};
    const P series = pmadd<P>(SplitPolynomial<P>(s, s * s, kCoefficients), s, Set<P>(0.333333343F));
    // Above, w - tanh w = (w - 1) + 2 / (e^2w + 1), where no term is greater than the sum.
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

}  // namespace mlp::MLP_KERNEL_NAMESPACE

#endif  // MLP_MODEL_ACTIVATIONS_FUNCTIONS_SHRINKS_H_
