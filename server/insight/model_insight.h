// Judges the windows of one load of a model version against its baseline.
//
// Insight's threads call Judge and Accept, each on one thread at a time. Everything else is
// thread-safe. Serving threads fill windows without waiting: ActivityTotals and RowWatch hand them
// over by a swap. Definitions: docs/reference/drift.md.

#ifndef MLP_SERVER_INSIGHT_MODEL_INSIGHT_H_
#define MLP_SERVER_INSIGHT_MODEL_INSIGHT_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "model/drift/baseline.h"
#include "model/drift/drift_judge.h"
#include "model/network.h"
#include "server/insight/status.h"
#include "server/insight/sub_windows.h"
#include "server/insight/window_ring.h"
#include "server/observe/activity_totals.h"
#include "server/observe/baseline_in_force.h"
#include "server/observe/row_watch.h"

namespace mlp {

// The drift of one target.
struct TargetDrift {
  std::string layer;        // "inputs", "hidden_1", ..., "outputs"
  double ratio = kUnknown;  // of the last window; above 1 is drift
  double effect = kUnknown;
  std::int64_t rows = 0;                        // of that window
  std::chrono::system_clock::time_point end;    // of the last window; the epoch if there was none
  std::chrono::system_clock::time_point begin;  // end of the window before; the epoch if none
  std::chrono::system_clock::time_point above_since;  // end of the latest run's first window
  std::int64_t alarms = 0;                            // since the load
  std::int64_t above = 0;  // length of the current run of windows above 1

  bool alarmed() const { return above >= 2; }

  // Records the judgement of a window. Returns whether it raises an alarm: the second window of
  // each run above 1 does.
  bool Add(const Judgement& judgement, std::chrono::system_clock::time_point window_end);
};

class ModelInsight final {
 public:
  using Clock = std::chrono::steady_clock;

  // Holds only the baseline; the model may be freed.
  explicit ModelInsight(std::shared_ptr<BaselineInForce> baseline);
  ModelInsight(const ModelInsight&) = delete;
  ModelInsight& operator=(const ModelInsight&) = delete;

  // Called for each judged window, with whether it raised an alarm.
  using Judged = std::function<void(const TargetDrift& drift, bool alarm)>;

  // Judges the windows waiting in `activity` and `watch`, which are of `network`. A new baseline
  // starts with new windows.
  void Judge(const Network& network, ActivityTotals& activity, RowWatch& watch,
             Clock::time_point now, const Judged& judged) ABSL_LOCKS_EXCLUDED(mutex_);

  // The targets of the baseline in force; empty without one, and before the first Judge with it.
  std::vector<TargetDrift> Drift() const ABSL_LOCKS_EXCLUDED(mutex_);

  // The ten inputs and classes at most that moved most in the last window.
  MovedInputValues moved_inputs() const ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<MovedClass> moved_classes() const ABSL_LOCKS_EXCLUDED(mutex_);

  // The entries of moved_inputs() that had clearly moved when the current alarm began, or at the
  // first window after it for which any had; empty without an alarm.
  std::vector<Shift> first_inputs() const ABSL_LOCKS_EXCLUDED(mutex_);

  struct Accepted {
    std::shared_ptr<const Baseline> old_baseline;  // the baseline in force
    std::shared_ptr<const Baseline> baseline;
  };
  // A copy of the baseline in force with accepted windows, spread over the time since it came into
  // force. FAILED_PRECONDITION without a baseline, or if there are too few windows.
  absl::StatusOr<Accepted> Accept() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // Follows `baseline`. Clears all results unless only its accepted windows are new.
  void Follow(const std::shared_ptr<const Baseline>& baseline, bool only_windows)
      ABSL_LOCKS_EXCLUDED(mutex_);
  std::shared_ptr<const Baseline> followed() const ABSL_LOCKS_EXCLUDED(mutex_);
  void JudgeHidden(const Network& network, const Baseline& baseline, const Judged& judged)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void JudgeWatched(const Baseline& baseline, const Judged& judged) ABSL_LOCKS_EXCLUDED(mutex_);
  // Keeps the moved inputs when the first target alarms.
  void KeepFirstInputs() ABSL_LOCKS_EXCLUDED(mutex_);
  void JudgeTarget(const Baseline& baseline, std::size_t target,
                   const std::vector<SubWindow>& sub_windows,
                   std::chrono::system_clock::time_point end, const Judged& judged)
      ABSL_LOCKS_EXCLUDED(mutex_);

  const std::shared_ptr<BaselineInForce> in_force_;

  // Used only by the thread that judges.
  FinishedActivityWindow window_;
  FinishedWatchWindow watched_;

  mutable std::mutex mutex_;
  std::shared_ptr<const Baseline> followed_ ABSL_GUARDED_BY(mutex_);
  std::vector<TargetDrift> drift_ ABSL_GUARDED_BY(mutex_);  // one per target of followed_
  std::vector<WindowRing> rings_ ABSL_GUARDED_BY(mutex_);   // likewise
  MovedInputValues moved_inputs_ ABSL_GUARDED_BY(mutex_);
  std::vector<Shift> first_inputs_ ABSL_GUARDED_BY(mutex_);
  std::vector<MovedClass> moved_classes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_MODEL_INSIGHT_H_
