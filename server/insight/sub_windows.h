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

// Of the hidden layer that `target` is of, over the rows of which its values are finite. Empty
// where these are less than half of the window's, or the network has no such layer.
std::vector<SubWindow> HiddenSubWindows(const Network& network,
                                        const FinishedActivityWindow& window,
                                        const TargetBaseline& target);

// Of the inputs or the outputs that `target` is of, likewise.
std::vector<SubWindow> WatchedSubWindows(const Baseline& baseline, const TargetBaseline& target,
                                         const FinishedWatchWindow& window);

// An input value whose mean moved.
struct Shift {
  std::int64_t index = 0;   // among all inputs' values side by side
  double deviations = 0.0;  // in standard deviations of one row; signed
};

// From which on an input has moved clearly: four standard errors of a window of a thousand rows are
// less.
inline constexpr double kClearShift = 0.2;

struct MovedInputValues {
  std::vector<Shift> most;   // that differ most from the baseline's mean, the most moved first
  std::int64_t clearly = 0;  // how many differ by kClearShift and more
};
MovedInputValues MovedInputs(const Baseline& baseline, const FinishedWatchWindow& window,
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
