// The periodic activations, as functors over packets. Formulas and sources: ../waves.cc.

#ifndef MLP_MODEL_ACTIVATIONS_FUNCTIONS_WAVES_H_
#define MLP_MODEL_ACTIVATIONS_FUNCTIONS_WAVES_H_

#include "model/activations/functions/packet.h"

namespace mlp::MLP_KERNEL_NAMESPACE {

// Eigen's are within 2.2 ulp over all floats, with the reduction of Payne and Hanek where the
// argument is large.
template <typename P>
struct Sine {
  explicit Sine(const float* /*parameters*/) {}
  MLP_INLINE P operator()(P z) const { return Eigen::internal::psin<P>(z); }
  MLP_INLINE P Slope(P z, P /*a*/) const { return pabs<P>(Eigen::internal::pcos<P>(z)); }
};

}  // namespace mlp::MLP_KERNEL_NAMESPACE

#endif  // MLP_MODEL_ACTIVATIONS_FUNCTIONS_WAVES_H_
