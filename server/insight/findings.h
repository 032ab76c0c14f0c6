// Describes what is wrong with a model, in sentences for an operator who does not know the model:
// which layer, since when, by how much, and the usual cause.

#ifndef MLP_SERVER_INSIGHT_FINDINGS_H_
#define MLP_SERVER_INSIGHT_FINDINGS_H_

#include <chrono>
#include <string>
#include <vector>

#include "server/insight/status.h"

namespace mlp {

// The findings on `model`, the worst first. Its series end with the minute of `now`. `first_inputs`
// names the inputs that had moved when the first layer's drift was noticed. `other`, which may be
// null, is another version of the model to compare with where there is no baseline. Times are in
// UTC.
std::vector<std::string> FindingsOf(const StatusModel& model,
                                    std::chrono::system_clock::time_point now,
                                    const std::vector<std::string>& first_inputs = {},
                                    const StatusModel* other = nullptr);

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_FINDINGS_H_
