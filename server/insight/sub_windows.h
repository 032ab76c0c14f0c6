// The sums that serving keeps, as the judge of drift takes them: less the baseline's means.

#ifndef MLP_SERVER_INSIGHT_SUB_WINDOWS_H_
#define MLP_SERVER_INSIGHT_SUB_WINDOWS_H_

#include <vector>

#include "model/drift/baseline.h"
#include "model/drift/drift_judge.h"
#include "model/network.h"
#include "server/observe/activity_totals.h"

namespace mlp {

// Of the hidden layer that `target` is of; empty where the window has no row, or the network no
// such layer. A value that is not finite counts as the baseline's mean.
std::vector<SubWindow> HiddenSubWindows(const Network& network,
                                        const FinishedActivityWindow& window,
                                        const TargetBaseline& target);

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_SUB_WINDOWS_H_
