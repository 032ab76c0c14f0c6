// The sums that serving keeps, as the judge of drift takes them: less the baseline's means.

#ifndef MLP_SERVER_INSIGHT_SUB_WINDOWS_H_
#define MLP_SERVER_INSIGHT_SUB_WINDOWS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/drift/baseline.h"
#include "model/drift/drift_judge.h"
#include "model/network.h"
#include "server/observe/activity_totals.h"
#include "server/observe/row_watch.h"

namespace mlp {

// Of the hidden layer that `target` is of; empty where the window has no row, or the network no
// such layer. A value that is not finite counts as the baseline's mean.
std::vector<SubWindow> HiddenSubWindows(const Network& network,
                                        const FinishedActivityWindow& window,
                                        const TargetBaseline& target);

// Of the inputs or the outputs that `target` is of, likewise.
std::vector<SubWindow> WatchedSubWindows(const Baseline& baseline, const TargetBaseline& target,
                                         const FinishedWatchWindow& window);

// The input values whose mean differs most from the baseline's, at most `most`, the most moved
// first: the index among all inputs' values side by side, and how far its mean moved.
struct Shift {
  std::int64_t index = 0;
  double deviations = 0.0;  // in standard deviations of one row; signed
};
std::vector<Shift> MovedInputs(const Baseline& baseline, const FinishedWatchWindow& window,
                               std::size_t most);

// The classes whose share differs most from the baseline's: index and share of the window. Empty
// for a regression.
struct MovedClass {
  std::int64_t index = 0;
  double share = 0.0;
};
std::vector<MovedClass> MovedClasses(const Baseline& baseline, const FinishedWatchWindow& window,
                                     std::size_t most);

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_SUB_WINDOWS_H_
