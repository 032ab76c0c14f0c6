// Finds the layers that drift, and the usual cause.

#ifndef MLP_SERVER_INSIGHT_DRIFT_FINDING_H_
#define MLP_SERVER_INSIGHT_DRIFT_FINDING_H_

#include <chrono>
#include <string>
#include <vector>

#include "server/insight/status.h"

namespace mlp {

// Whether the layer drifts now: it has had an alarm, and its latest window is above 1 too.
bool Drifts(const StatusLayer& layer);

// Appends a sentence to `findings` if any layer drifts: which layers, since when, and why.
// Parameters as those of FindingsOf.
void FindDrift(const StatusModel& model, std::chrono::system_clock::time_point now,
               const std::vector<std::string>& first_inputs, std::vector<std::string>& findings);

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_DRIFT_FINDING_H_
