// Judges the windows of one load of a model version against its baseline.
//
// Judge and Accept are called by the threads of insight, each by one at a time; the rest is
// thread-safe. Threads that serve fill windows and wait for nobody: ActivityTotals and RowWatch
// hand them over by a swap. Definitions: docs/drift.md.

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

// What is known of the drift of one target.
struct TargetDrift {
  std::string layer;        // "inputs", "hidden_1", ..., "outputs"
  double ratio = kUnknown;  // of the last window; above 1 is drift
  double effect = kUnknown;
  std::int64_t rows = 0;                              // of that window
  std::chrono::system_clock::time_point end;          // of that window; the epoch: there was none
  std::chrono::system_clock::time_point begin;        // end of the window before; the epoch: none
  std::chrono::system_clock::time_point above_since;  // end of the first of `above` windows
  std::int64_t alarms = 0;                            // since the load
  std::int64_t above = 0;  // windows above 1 in a row, the last one among them

  bool alarmed() const { return above >= 2; }

  // Takes what a window was judged to be; whether it makes an alarm, which is once for a run of
  // windows above 1, at the second of them.
  bool Add(const Judgement& judgement, std::chrono::system_clock::time_point window_end);
};

class ModelInsight final {
 public:
  using Clock = std::chrono::steady_clock;

  // Holds nothing else of the model, which may go.
  explicit ModelInsight(std::shared_ptr<BaselineInForce> baseline);
  ModelInsight(const ModelInsight&) = delete;
  ModelInsight& operator=(const ModelInsight&) = delete;

  // Told of each window that was judged, and whether it made an alarm.
  using Judged = std::function<void(const TargetDrift& drift, bool alarm)>;

  // Judges the windows that wait in `activity` and `watch`, of the network. A baseline that came in
  // force begins with windows of its own.
  void Judge(const Network& network, ActivityTotals& activity, RowWatch& watch,
             Clock::time_point now, const Judged& judged) ABSL_LOCKS_EXCLUDED(mutex_);

  // The targets of the baseline in force; empty without one, and before it was first judged by.
  std::vector<TargetDrift> Drift() const ABSL_LOCKS_EXCLUDED(mutex_);

  // The inputs and classes that moved most in the last window, ten at most.
  MovedInputValues moved_inputs() const ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<MovedClass> moved_classes() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Those of moved_inputs() that had moved clearly when the alarm began that still stands; empty
  // without one.
  std::vector<Shift> first_inputs() const ABSL_LOCKS_EXCLUDED(mutex_);

  struct Accepted {
    std::shared_ptr<const Baseline> of;  // the baseline in force
    std::shared_ptr<const Baseline> baseline;
  };
  // The baseline in force with windows accepted that are spread over the time since it came in
  // force. FAILED_PRECONDITION without a baseline, or where they are too few.
  absl::StatusOr<Accepted> Accept() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // Makes all begin again, unless only the accepted windows of the baseline are others.
  void Follow(const std::shared_ptr<const Baseline>& baseline, bool only_windows)
      ABSL_LOCKS_EXCLUDED(mutex_);
  std::shared_ptr<const Baseline> followed() const ABSL_LOCKS_EXCLUDED(mutex_);
  void JudgeHidden(const Network& network, const Baseline& baseline, const Judged& judged)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void JudgeWatched(const Baseline& baseline, const Judged& judged) ABSL_LOCKS_EXCLUDED(mutex_);
  // Keeps what moved when the first of several targets alarmed.
  void KeepFirstInputs() ABSL_LOCKS_EXCLUDED(mutex_);
  void JudgeTarget(const Baseline& baseline, std::size_t target,
                   const std::vector<SubWindow>& sub_windows,
                   std::chrono::system_clock::time_point end, const Judged& judged)
      ABSL_LOCKS_EXCLUDED(mutex_);

  const std::shared_ptr<BaselineInForce> in_force_;

  // Of the thread that judges.
  FinishedActivityWindow window_;
  FinishedWatchWindow watched_;

  mutable std::mutex mutex_;
  std::shared_ptr<const Baseline> followed_ ABSL_GUARDED_BY(mutex_);
  std::vector<TargetDrift> drift_ ABSL_GUARDED_BY(mutex_);  // one for each of its targets
  std::vector<WindowRing> rings_ ABSL_GUARDED_BY(mutex_);   // likewise
  MovedInputValues moved_inputs_ ABSL_GUARDED_BY(mutex_);
  std::vector<Shift> first_inputs_ ABSL_GUARDED_BY(mutex_);
  std::vector<MovedClass> moved_classes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_MODEL_INSIGHT_H_
