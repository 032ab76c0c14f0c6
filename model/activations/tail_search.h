// Searches for the tails of activations whose slopes have no closed form. Internal to
// model/activations.

#ifndef MLP_MODEL_ACTIVATIONS_TAIL_SEARCH_H_
#define MLP_MODEL_ACTIVATIONS_TAIL_SEARCH_H_

#include "model/activations/activation.h"

namespace mlp::internal {

// The tails by their definition, for a slope without a closed form. Searches from -reach and from
// reach inwards for the point at which |slope| first reaches epsilon * steepest, exact to the last
// bit. Does not find tails that begin beyond reach.
Tails SearchTails(double (*slope)(double z, ActivationInfo::Parameters parameters),
                  ActivationInfo::Parameters parameters, double epsilon, double steepest,
                  double reach);

// The maximum of |slope| on [lowest, highest]. REQUIRES: |slope| rises up to the maximum and falls
// after it.
double SearchSteepest(double (*slope)(double z, ActivationInfo::Parameters parameters),
                      ActivationInfo::Parameters parameters, double lowest, double highest);

}  // namespace mlp::internal

#endif  // MLP_MODEL_ACTIVATIONS_TAIL_SEARCH_H_
