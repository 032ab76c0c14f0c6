// The entries of the registry, family by family, each in the source file of its name. Internal to
// model/activations: use activation.h.

#ifndef MLP_MODEL_ACTIVATIONS_REGISTRY_FAMILIES_H_
#define MLP_MODEL_ACTIVATIONS_REGISTRY_FAMILIES_H_

#include <cmath>
#include <limits>

#include "model/activations/activation.h"

namespace mlp::internal {

using Parameters = ActivationInfo::Parameters;

// The bound of a tail that does not exist.
inline constexpr double kNoTail = std::numeric_limits<double>::quiet_NaN();

// The widest range that a parameter can have.
inline constexpr float kLargestFloat = std::numeric_limits<float>::max();
inline constexpr float kInfinity = std::numeric_limits<float>::infinity();

absl::Span<const ActivationInfo> Rectifiers();
absl::Span<const ActivationInfo> ClippedLines();
absl::Span<const ActivationInfo> Shrinks();
absl::Span<const ActivationInfo> Steps();
absl::Span<const ActivationInfo> Ramps();
absl::Span<const ActivationInfo> ExponentialUnits();
absl::Span<const ActivationInfo> Gates();
absl::Span<const ActivationInfo> Waves();
absl::Span<const ActivationInfo> RowFunctions();

// Functions that several entries share.
inline double One(Parameters /*parameters*/) { return 1.0; }
inline Tails NoTails(Parameters /*parameters*/, double /*epsilon*/) { return {kNoTail, kNoTail}; }

// 1 / (1 + e^-z).
inline double LogisticOf(double z) { return 1.0 / (1.0 + std::exp(-z)); }

}  // namespace mlp::internal

#endif  // MLP_MODEL_ACTIVATIONS_REGISTRY_FAMILIES_H_
