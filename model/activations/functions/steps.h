// The smooth steps, as functors over packets. Formulas and sources: ../steps.cc.

#ifndef MLP_MODEL_ACTIVATIONS_FUNCTIONS_STEPS_H_
#define MLP_MODEL_ACTIVATIONS_FUNCTIONS_STEPS_H_

#include "model/activations/functions/exponential.h"

namespace mlp::MLP_KERNEL_NAMESPACE {

template <typename P>
struct Sigmoid {
  explicit Sigmoid(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const {
    // With e = e^-|z|: e / (1 + e) below 0, where the scaling comes last so that what is denormal
    // is rounded once, and 1 / (1 + e) above.
    const Scaled<P> e = ScaledExp<P>(pmax<P>(-pabs<P>(z), Set<P>(-120.0F)));
    const P denominator = Set<P>(1.0F) + UnscaleOrTiny<P>(e.mantissa, e.exponent);
    const P below = pcmp_lt<P>(z, Set<P>(0.0F));
    const P numerator = pselect<P>(below, e.mantissa, Set<P>(1.0F));
    const P quotient = numerator / denominator;
    return pselect<P>(below, Unscale<P>(quotient, e.exponent), quotient);
  }
  MLP_INLINE P Slope(P /*z*/, P a) const { return pmadd<P>(-a, a, a); }
};

template <typename P>
struct Tanh {
  explicit Tanh(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const {
    // -t / (2 + t) with t = e^-2|z| - 1, which has no cancellation anywhere.
    const P t = Expm1<P>(pmax<P>(Set<P>(-2.0F) * pabs<P>(z), Set<P>(-40.0F)));
    return WithSignOf<P>(pabs<P>(t) / (Set<P>(2.0F) + t), z);
  }
  MLP_INLINE P Slope(P /*z*/, P a) const { return pmadd<P>(-a, a, Set<P>(1.0F)); }
};

template <typename P>
struct Softsign {
  explicit Softsign(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const {
    // Beyond 2^30 the quotient is 1 to the last bit; infinity would make it NaN.
    const P cut = Clamp<P>(z, Set<P>(-0x1p30F), Set<P>(0x1p30F));
    return cut / (Set<P>(1.0F) + pabs<P>(cut));
  }
  MLP_INLINE P Slope(P z, P /*a*/) const {
    const P root = Set<P>(1.0F) / (Set<P>(1.0F) + pabs<P>(z));
    return root * root;
  }
};

}  // namespace mlp::MLP_KERNEL_NAMESPACE

#endif  // MLP_MODEL_ACTIVATIONS_FUNCTIONS_STEPS_H_
