// The identity and the rectifiers, as functors over packets. Formulas and sources:
// ../rectifiers.cc.
//
// Every functor of this folder is made from the activation's scalar parameters, in the registry's
// order; operator() gives f(z), and Slope |f'(z)| from z and a = f(z): at a kink 0 where one side
// is flat, else that from the left. Comparisons are written so that NaN is passed on.

#ifndef MLP_MODEL_ACTIVATIONS_FUNCTIONS_RECTIFIERS_H_
#define MLP_MODEL_ACTIVATIONS_FUNCTIONS_RECTIFIERS_H_

#include "model/activations/functions/packet.h"

namespace mlp::MLP_KERNEL_NAMESPACE {

template <typename P>
struct Identity {
  explicit Identity(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const { return z; }
  MLP_INLINE P Slope(P /*z*/, P /*a*/) const { return Set<P>(1.0F); }
};

template <typename P>
struct Relu {
  explicit Relu(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const { return pmax<P>(z, Set<P>(0.0F)); }
  MLP_INLINE P Slope(P z, P /*a*/) const {
    return pand<P>(pcmp_lt<P>(Set<P>(0.0F), z), Set<P>(1.0F));
  }
};

// Also PReLU and RReLU, which differ in where the slope comes from.
template <typename P>
struct LeakyRelu {
  explicit LeakyRelu(const float* parameters) : negative_slope(Set<P>(parameters[0])) {}
  explicit LeakyRelu(P slope) : negative_slope(slope) {}
  MLP_INLINE P operator()(P z) const {
    return pselect<P>(pcmp_lt<P>(Set<P>(0.0F), z), z, negative_slope * z);
  }
  MLP_INLINE P Slope(P z, P /*a*/) const {
    return pselect<P>(pcmp_lt<P>(Set<P>(0.0F), z), Set<P>(1.0F), pabs<P>(negative_slope));
  }

  P negative_slope;
};

template <typename P>
struct Rrelu : LeakyRelu<P> {
  explicit Rrelu(const float* parameters)
      : LeakyRelu<P>(Set<P>((parameters[0] + parameters[1]) * 0.5F)) {}
};

// Between two bounds, where it is the identity. A lower bound belongs to the flat part.
template <typename P>
struct HardTanh {
  explicit HardTanh(const float* parameters)
      : lowest(Set<P>(parameters[0])), highest(Set<P>(parameters[1])) {}
  MLP_INLINE P operator()(P z) const { return Clamp<P>(z, lowest, highest); }
  MLP_INLINE P Slope(P z, P /*a*/) const {
    return pand<P>(pand<P>(pcmp_lt<P>(lowest, z), pcmp_lt<P>(z, highest)), Set<P>(1.0F));
  }

  P lowest;
  P highest;
};

template <typename P>
struct Relu6 : HardTanh<P> {
  explicit Relu6(const float* /*parameters*/) : HardTanh<P>(kBounds) {}
  static constexpr float kBounds[2] = {0.0F, 6.0F};
};

template <typename P>
struct KerasRelu {
  explicit KerasRelu(const float* parameters)
      : negative_slope(Set<P>(parameters[0])),
        max_value(Set<P>(parameters[1])),
        threshold(Set<P>(parameters[2])) {}
  MLP_INLINE P operator()(P z) const {
    // -inf times a slope of 0 would be NaN: a slope of 0 gives 0 without looking at z.
    const P below =
        pandnot<P>(negative_slope * (z - threshold), pcmp_eq<P>(negative_slope, Set<P>(0.0F)));
    const P result = pselect<P>(pcmp_lt<P>(threshold, z), pmin<P>(z, max_value), below);
    return pselect<P>(pcmp_eq<P>(z, z), result, z);
  }
  MLP_INLINE P Slope(P z, P /*a*/) const {
    const P above = pand<P>(pcmp_lt<P>(z, max_value), Set<P>(1.0F));
    return pselect<P>(pcmp_lt<P>(threshold, z), above, pabs<P>(negative_slope));
  }

  P negative_slope;
  P max_value;
  P threshold;
};

// z above the threshold, else a constant.
template <typename P>
struct Threshold {
  explicit Threshold(const float* parameters)
      : threshold(Set<P>(parameters[0])), value(Set<P>(parameters[1])) {}
  Threshold(float threshold_value, float constant)
      : threshold(Set<P>(threshold_value)), value(Set<P>(constant)) {}
  MLP_INLINE P operator()(P z) const { return pselect<P>(pcmp_le<P>(z, threshold), value, z); }
  MLP_INLINE P Slope(P z, P /*a*/) const { return pand<P>(pcmp_lt<P>(threshold, z), Set<P>(1.0F)); }

  P threshold;
  P value;
};

template <typename P>
struct ThresholdedRelu : Threshold<P> {
  explicit ThresholdedRelu(const float* parameters) : Threshold<P>(parameters[0], 0.0F) {}
};

}  // namespace mlp::MLP_KERNEL_NAMESPACE

#endif  // MLP_MODEL_ACTIVATIONS_FUNCTIONS_RECTIFIERS_H_
