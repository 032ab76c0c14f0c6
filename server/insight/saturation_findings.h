// Finds the layers that saturate more or less than the baseline did.

#ifndef MLP_SERVER_INSIGHT_SATURATION_FINDINGS_H_
#define MLP_SERVER_INSIGHT_SATURATION_FINDINGS_H_

#include <chrono>
#include <string>
#include <vector>

#include "server/insight/status.h"

namespace mlp {

// Whether a tail has another share of the activations than `reference`, by more than chance. False
// if either is unknown (NaN).
bool IsTailChanged(double share, double reference);

// Appends a sentence to `findings` for each tail of a layer that has changed, the first layers
// first. Parameters as those of FindingsOf.
void FindSaturation(const StatusModel& model, std::chrono::system_clock::time_point now,
                    const std::vector<std::string>& first_inputs,
                    std::vector<std::string>& findings);

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_SATURATION_FINDINGS_H_
