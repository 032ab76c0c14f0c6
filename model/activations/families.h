// The entries of the registry, family by family, each in the source file of its name. Internal to
// model/activations: use activation.h.

#ifndef MLP_MODEL_ACTIVATIONS_FAMILIES_H_
#define MLP_MODEL_ACTIVATIONS_FAMILIES_H_

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
double LogisticOf(double z);

// The tails by their definition, for a slope that has no closed form: from -reach and from reach
// inwards to where |slope| first is no longer under epsilon * steepest, to the last bit. Tails that
// begin beyond reach are not found.
Tails SearchTails(double (*slope)(double z, Parameters parameters), Parameters parameters,
                  double epsilon, double steepest, double reach);

// The maximum of |slope| on [lowest, highest], where it rises to it and falls from it.
double SearchSteepest(double (*slope)(double z, Parameters parameters), Parameters parameters,
                      double lowest, double highest);

}  // namespace mlp::internal

#endif  // MLP_MODEL_ACTIVATIONS_FAMILIES_H_
