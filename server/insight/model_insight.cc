#include "server/insight/model_insight.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/drift/accepted_windows.h"
#include "server/insight/sub_windows.h"

namespace mlp {
namespace {

// The most moved inputs or classes that are named.
constexpr std::size_t kMaxMoved = 10;

// Whether two baselines differ only in their accepted windows: other baselines differ in their
// means.
bool HaveTheSameTargets(const Baseline& a, const Baseline& b) {
  return std::equal(a.targets.begin(), a.targets.end(), b.targets.begin(), b.targets.end(),
                    [](const TargetBaseline& one, const TargetBaseline& other) {
                      return one.name == other.name && one.mean == other.mean;
                    });
}

}  // namespace

bool TargetDrift::Add(const Judgement& judgement,
                      std::chrono::system_clock::time_point window_end) {
  ratio = judgement.ratio;
  effect = judgement.effect;
  rows = judgement.rows;
  begin = end;
  end = window_end;
  // Rows that cannot be judged neither raise nor end an alarm.
  if (std::isnan(ratio)) return false;
  above = ratio > 1 ? above + 1 : 0;
  if (above == 1) above_since = window_end;
  const bool alarm = above == 2;
  if (alarm) ++alarms;
  return alarm;
}

ModelInsight::ModelInsight(std::shared_ptr<BaselineInForce> baseline)
    : in_force_(std::move(baseline)) {}

void ModelInsight::Follow(const std::shared_ptr<const Baseline>& baseline, bool only_windows) {
  const std::lock_guard lock(mutex_);
  followed_ = baseline;
  if (only_windows) return;
  const std::size_t targets = baseline != nullptr ? baseline->targets.size() : 0;
  moved_inputs_ = {};
  moved_classes_.clear();
  first_inputs_.clear();
  drift_.assign(targets, {});
  rings_.assign(targets, {});
  for (std::size_t i = 0; i < targets; ++i) drift_[i].layer = baseline->targets[i].name;
}

std::shared_ptr<const Baseline> ModelInsight::followed() const {
  const std::lock_guard lock(mutex_);
  return followed_;
}

void ModelInsight::Judge(const Network& network, ActivityTotals& activity, RowWatch& watch,
                         Clock::time_point now, const Judged& judged) {
  const std::shared_ptr<const Baseline> baseline = in_force_->Get();
  if (const std::shared_ptr<const Baseline> last = followed(); last != baseline) {
    const bool judges = baseline != nullptr;
    const bool only_windows = judges && last != nullptr && HaveTheSameTargets(*last, *baseline);
    if (!only_windows) {
      watch.SetReference(judges ? std::make_shared<const WatchReference>(*baseline) : nullptr, now);
      watch.SetJudged(judges, now);
      activity.SetJudged(judges, now);
    }
    // Last: if memory runs out above, everything is repeated next time.
    Follow(baseline, only_windows);
  }
  if (baseline == nullptr) return;
  // Inputs first, so that the moved inputs are known when a hidden layer alarms.
  if (watch.TakeWindow(now, watched_)) JudgeWatched(*baseline, judged);
  if (activity.TakeWindow(now, window_)) JudgeHidden(network, *baseline, judged);
  KeepFirstInputs();
}

void ModelInsight::JudgeWatched(const Baseline& baseline, const Judged& judged) {
  for (std::size_t i = 0; i < baseline.targets.size(); ++i) {
    const TargetBaseline& target = baseline.targets[i];
    if (target.kind == TargetKind::kHidden) continue;
    JudgeTarget(baseline, i, WatchedSubWindows(baseline, target, watched_), watched_.end, judged);
  }
  MovedInputValues inputs = MovedInputs(baseline, watched_, kMaxMoved);
  std::vector<MovedClass> classes = MovedClasses(baseline, watched_, kMaxMoved);
  const std::lock_guard lock(mutex_);
  moved_inputs_ = std::move(inputs);
  moved_classes_ = std::move(classes);
}

void ModelInsight::KeepFirstInputs() {
  const std::lock_guard lock(mutex_);
  const bool alarmed = std::any_of(drift_.begin(), drift_.end(),
                                   [](const TargetDrift& drift) { return drift.alarmed(); });
  if (!alarmed) {
    first_inputs_.clear();
  } else if (first_inputs_.empty()) {
    const std::vector<Shift>& moved = moved_inputs_.most;
    std::copy_if(moved.begin(), moved.end(), std::back_inserter(first_inputs_),
                 [](const Shift& shift) { return std::fabs(shift.deviations) >= kClearShift; });
  }
}

void ModelInsight::JudgeHidden(const Network& network, const Baseline& baseline,
                               const Judged& judged) {
  for (std::size_t i = 0; i < baseline.targets.size(); ++i) {
    const TargetBaseline& target = baseline.targets[i];
    if (target.kind != TargetKind::kHidden) continue;
    JudgeTarget(baseline, i, HiddenSubWindows(network, window_, target), window_.end, judged);
  }
}

void ModelInsight::JudgeTarget(const Baseline& baseline, std::size_t target,
                               const std::vector<SubWindow>& sub_windows,
                               std::chrono::system_clock::time_point end, const Judged& judged) {
  Judgement judgement;
  if (sub_windows.empty()) {
    judgement.ratio = judgement.effect = kUnknown;
  } else {
    judgement = JudgeWindow(baseline.targets[target], baseline.rows, baseline.AcceptedOf(target),
                            sub_windows);
  }
  TargetDrift drift;
  bool alarm = false;
  {
    const std::lock_guard lock(mutex_);
    alarm = drift_[target].Add(judgement, end);
    if (!judgement.whitened.empty()) rings_[target].Add(std::move(judgement.whitened));
    drift = drift_[target];
  }
  judged(drift, alarm);
}

std::vector<TargetDrift> ModelInsight::Drift() const {
  const std::lock_guard lock(mutex_);
  return drift_;
}

MovedInputValues ModelInsight::moved_inputs() const {
  const std::lock_guard lock(mutex_);
  return moved_inputs_;
}

std::vector<Shift> ModelInsight::first_inputs() const {
  const std::lock_guard lock(mutex_);
  return first_inputs_;
}

std::vector<MovedClass> ModelInsight::moved_classes() const {
  const std::lock_guard lock(mutex_);
  return moved_classes_;
}

absl::StatusOr<ModelInsight::Accepted> ModelInsight::Accept() const {
  std::shared_ptr<const Baseline> baseline;
  std::vector<WindowRing> rings;  // copies share the windows
  {
    const std::lock_guard lock(mutex_);
    baseline = followed_;
    rings = rings_;
  }
  const std::shared_ptr<const Baseline> in_force = in_force_->Get();
  if (in_force == nullptr) {
    return absl::FailedPreconditionError(
        "the version has no baseline; expected one, as mlp-client calibrate makes");
  }
  if (baseline != in_force) {
    return absl::FailedPreconditionError(absl::StrCat(
        "another baseline has just come into force and has 0 windows; expected at least ",
        kMinAcceptedWindows));
  }
  auto accepted = std::make_shared<Baseline>(*baseline);
  accepted->accepted.clear();
  for (std::size_t i = 0; i < baseline->targets.size(); ++i) {
    const TargetBaseline& target = baseline->targets[i];
    std::vector<std::vector<float>> windows;
    for (const WindowRing::Window& window : rings[i].windows()) windows.push_back(*window);
    if (static_cast<std::int64_t>(windows.size()) < kMinAcceptedWindows) {
      return absl::FailedPreconditionError(
          absl::StrCat("there are ", windows.size(), " windows of ", target.name,
                       " so far; expected at least ", kMinAcceptedWindows));
    }
    absl::StatusOr<std::shared_ptr<const AcceptedWindows>> of_target =
        AcceptWindows(target, windows);
    if (!of_target.ok()) {
      return absl::FailedPreconditionError(
          absl::StrCat("the windows of ", target.name, ": ", of_target.status().message()));
    }
    accepted->accepted.push_back(*std::move(of_target));
  }
  return Accepted{std::move(baseline), std::move(accepted)};
}

}  // namespace mlp
