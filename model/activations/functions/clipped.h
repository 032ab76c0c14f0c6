// Clipped lines and parabolas, as functors over packets. Formulas and sources: ../clipped.cc.

#ifndef MLP_MODEL_ACTIVATIONS_FUNCTIONS_CLIPPED_H_
#define MLP_MODEL_ACTIVATIONS_FUNCTIONS_CLIPPED_H_

#include "model/activations/functions/packet.h"

namespace mlp::MLP_KERNEL_NAMESPACE {

template <typename P>
struct HardSigmoid {
  explicit HardSigmoid(const float* parameters)
      : alpha(Set<P>(parameters[0])), beta(Set<P>(parameters[1])) {}
  MLP_INLINE P operator()(P z) const {
    // Cut first, so that the exact product neither overflows nor meets infinity: with an alpha
    // above 1e-30 the line has left [0, 1] long before.
    const P cut = Clamp<P>(z, Set<P>(-1e30F), Set<P>(1e30F));
    return Clamp<P>(MultiplyAdd<P>(alpha, cut, beta), Set<P>(0.0F), Set<P>(1.0F));
  }
  MLP_INLINE P Slope(P /*z*/, P a) const {
    const P inside = pand<P>(pcmp_lt<P>(Set<P>(0.0F), a), pcmp_lt<P>(a, Set<P>(1.0F)));
    return pand<P>(inside, pabs<P>(alpha));
  }

  P alpha;
  P beta;
};

template <typename P>
struct HardSwish {
  explicit HardSwish(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const {
    // No overflow on the way: z is multiplied by a step of at most 1.
    const P step = Clamp<P>(z + Set<P>(3.0F), Set<P>(0.0F), Set<P>(6.0F)) * Set<P>(1.0F / 6.0F);
    return pmax<P>(z, Set<P>(-3.0F)) * step;
  }
  MLP_INLINE P Slope(P z, P /*a*/) const {
    const P three = Set<P>(3.0F);
    const P inside = pabs<P>(pmadd<P>(z, Set<P>(1.0F / 3.0F), Set<P>(0.5F)));
    const P above = pselect<P>(pcmp_le<P>(z, three), inside, Set<P>(1.0F));
    return pand<P>(pcmp_lt<P>(-three, z), above);
  }
};

template <typename P>
struct SparsePlus {
  explicit SparsePlus(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const {
    const P root = pmax<P>(z, Set<P>(-1.0F)) + Set<P>(1.0F);
    return pselect<P>(pcmp_lt<P>(z, Set<P>(1.0F)), root * root * Set<P>(0.25F), z);
  }
  MLP_INLINE P Slope(P z, P /*a*/) const {
    return (Clamp<P>(z, Set<P>(-1.0F), Set<P>(1.0F)) + Set<P>(1.0F)) * Set<P>(0.5F);
  }
};

template <typename P>
struct SparseSigmoid {
  explicit SparseSigmoid(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const {
    return (Clamp<P>(z, Set<P>(-1.0F), Set<P>(1.0F)) + Set<P>(1.0F)) * Set<P>(0.5F);
  }
  MLP_INLINE P Slope(P z, P /*a*/) const {
    return pand<P>(pcmp_lt<P>(pabs<P>(z), Set<P>(1.0F)), Set<P>(0.5F));
  }
};

}  // namespace mlp::MLP_KERNEL_NAMESPACE

#endif  // MLP_MODEL_ACTIVATIONS_FUNCTIONS_CLIPPED_H_
