// The exponential units, as functors over packets. Formulas and sources: ../exponential_units.cc.

#ifndef MLP_MODEL_ACTIVATIONS_FUNCTIONS_EXPONENTIAL_UNITS_H_
#define MLP_MODEL_ACTIVATIONS_FUNCTIONS_EXPONENTIAL_UNITS_H_

#include "model/activations/functions/exponential.h"

namespace mlp::MLP_KERNEL_NAMESPACE {

// gamma z above 0, gamma alpha (e^z - 1) below.
template <typename P>
struct Selu {
  explicit Selu(const float* parameters)
      : alpha(Set<P>(parameters[0] * parameters[1])), gamma(Set<P>(parameters[1])) {}
  Selu(float alpha_value, float gamma_value)
      : alpha(Set<P>(alpha_value)), gamma(Set<P>(gamma_value)) {}
  MLP_INLINE P operator()(P z) const {
    const P zero = Set<P>(0.0F);
    const P below = alpha * Expm1<P>(Clamp<P>(z, Set<P>(-40.0F), zero));
    return pselect<P>(pcmp_lt<P>(zero, z), gamma * z, below);
  }
  // alpha e^z = f(z) + alpha.
  MLP_INLINE P Slope(P z, P a) const {
    return pselect<P>(pcmp_lt<P>(Set<P>(0.0F), z), pabs<P>(gamma), pabs<P>(a + alpha));
  }

  P alpha;
  P gamma;
};

template <typename P>
struct Elu : Selu<P> {
  explicit Elu(const float* parameters) : Selu<P>(parameters[0], 1.0F) {}
};

template <typename P>
struct Celu {
  explicit Celu(const float* parameters)
      : alpha(Set<P>(parameters[0])), linear_to(Set<P>(-0x1p-26F * parameters[0])) {}
  MLP_INLINE P operator()(P z) const {
    const P zero = Set<P>(0.0F);
    const P below = alpha * Expm1<P>(Clamp<P>(z / alpha, Set<P>(-40.0F), zero));
    // Close to 0 f(z) is z, and a denormal quotient would lose the bits that say so.
    return pselect<P>(pcmp_lt<P>(linear_to, z), z, below);
  }
  // e^(z / alpha) = f(z) / alpha + 1.
  MLP_INLINE P Slope(P z, P a) const {
    const P one = Set<P>(1.0F);
    return pselect<P>(pcmp_lt<P>(Set<P>(0.0F), z), one, a / alpha + one);
  }

  P alpha;
  P linear_to;
};

template <typename P>
struct Exponential {
  explicit Exponential(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const {
    const Scaled<P> e = ScaledExp<P>(Clamp<P>(z, Set<P>(-120.0F), Set<P>(100.0F)));
    // Up to 2^144: the second factor takes what is above the exponents of floats, and overflows.
    const P first = Clamp<P>(e.exponent, Set<P>(-125.0F), Set<P>(125.0F));
    return e.mantissa * PowerOfTwo<P>(first) * PowerOfTwo<P>(e.exponent - first);
  }
  MLP_INLINE P Slope(P /*z*/, P a) const { return a; }
};

}  // namespace mlp::MLP_KERNEL_NAMESPACE

#endif  // MLP_MODEL_ACTIVATIONS_FUNCTIONS_EXPONENTIAL_UNITS_H_
