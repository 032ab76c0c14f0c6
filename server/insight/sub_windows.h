// Converts serving's sums to the form that drift judging takes, with the baseline's means
// subtracted.

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

// For the hidden layer of `target`, over the rows with finite values. Empty if these are less than
// half of the window's rows, or the network has no such layer.
std::vector<SubWindow> HiddenSubWindows(const Network& network,
                                        const FinishedActivityWindow& window,
                                        const TargetBaseline& target);

// For the inputs or outputs of `target`, like HiddenSubWindows.
std::vector<SubWindow> WatchedSubWindows(const Baseline& baseline, const TargetBaseline& target,
                                         const FinishedWatchWindow& window);

// An input value whose mean moved.
struct Shift {
  std::int64_t index = 0;   // over all inputs concatenated
  double deviations = 0.0;  // in standard deviations of one row; signed
};

// The shift from which an input counts as clearly moved: more than four standard errors of a window
// of a thousand rows.
inline constexpr double kClearShift = 0.2;

struct MovedInputValues {
  std::vector<Shift> most;   // furthest from the baseline's mean, the most moved first
  std::int64_t clearly = 0;  // how many moved by kClearShift or more
};
MovedInputValues MovedInputs(const Baseline& baseline, const FinishedWatchWindow& window,
                             std::size_t most);

// The classes whose share differs most from the baseline's, with their share of the window. Empty
// for a regression.
struct MovedClass {
  std::int64_t index = 0;
  double share = 0.0;
};
std::vector<MovedClass> MovedClasses(const Baseline& baseline, const FinishedWatchWindow& window,
                                     std::size_t most);

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_SUB_WINDOWS_H_
