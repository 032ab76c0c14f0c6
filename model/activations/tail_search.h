// Searches the tails of activations whose slopes have no closed form. Internal to
// model/activations.

#ifndef MLP_MODEL_ACTIVATIONS_TAIL_SEARCH_H_
#define MLP_MODEL_ACTIVATIONS_TAIL_SEARCH_H_

#include "model/activations/activation.h"

namespace mlp::internal {

// The tails by their definition, for a slope that has no closed form: from -reach and from reach
// inwards to where |slope| first is no longer under epsilon * steepest, to the last bit. Tails that
// begin beyond reach are not found.
Tails SearchTails(double (*slope)(double z, ActivationInfo::Parameters parameters),
                  ActivationInfo::Parameters parameters, double epsilon, double steepest,
                  double reach);

// The maximum of |slope| on [lowest, highest], where it rises to it and falls from it.
double SearchSteepest(double (*slope)(double z, ActivationInfo::Parameters parameters),
                      ActivationInfo::Parameters parameters, double lowest, double highest);

}  // namespace mlp::internal

#endif  // MLP_MODEL_ACTIVATIONS_TAIL_SEARCH_H_
