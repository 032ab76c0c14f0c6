// The entries of the registry, one for each activation function, each in the source file of its
// name. Internal to model/activations: use activation.h.

#ifndef MLP_MODEL_ACTIVATIONS_FUNCTIONS_H_
#define MLP_MODEL_ACTIVATIONS_FUNCTIONS_H_

#include <limits>

#include "model/activations/activation.h"

namespace mlp::internal {

// The bound of a tail that does not exist.
inline constexpr double kNoTail = std::numeric_limits<double>::quiet_NaN();

extern const ActivationInfo kIdentity;
extern const ActivationInfo kSigmoid;
extern const ActivationInfo kTanh;
extern const ActivationInfo kRelu;
extern const ActivationInfo kLeakyRelu;
extern const ActivationInfo kPrelu;
extern const ActivationInfo kElu;
extern const ActivationInfo kSoftmax;

}  // namespace mlp::internal

#endif  // MLP_MODEL_ACTIVATIONS_FUNCTIONS_H_
