// What is wrong with a model, in sentences for an operator who knows nothing of it: which layer,
// since when, by how much, and what usually causes it.

#ifndef MLP_SERVER_INSIGHT_FINDINGS_H_
#define MLP_SERVER_INSIGHT_FINDINGS_H_

#include <chrono>
#include <string>
#include <vector>

#include "server/insight/status.h"

namespace mlp {

// Of `model`, whose series end with the minute of `now`; the worst first. `first_inputs`: the names
// of the inputs that had moved when the first layer's drift was noticed. `other`, which may be
// null, is another version of the model, for what there is no baseline for. Times are in UTC.
std::vector<std::string> FindingsOf(const StatusModel& model,
                                    std::chrono::system_clock::time_point now,
                                    const std::vector<std::string>& first_inputs = {},
                                    const StatusModel* other = nullptr);

// A share as people write it: "3.1 %", "41 %".
std::string PercentText(double share);

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_FINDINGS_H_
