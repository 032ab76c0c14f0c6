// The versions that are served, with the history of each: looked at once a second.

#ifndef MLP_SERVER_INSIGHT_WATCHED_MODELS_H_
#define MLP_SERVER_INSIGHT_WATCHED_MODELS_H_

#include <spdlog/logger.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "server/insight/drift_families.h"
#include "server/insight/model_insight.h"
#include "server/insight/self_baseline.h"
#include "server/insight/status.h"
#include "server/insight/version_history.h"
#include "server/served_models/model_catalog.h"

namespace mlp {

// How versions without a baseline come by one.
struct LearningOptions {
  std::int64_t rows = 0;  // of live traffic; 0: not at all
  // Told of the rows, all inputs' values side by side, on the thread that looks. It calls End.
  std::function<void(std::shared_ptr<const ServedModel>, std::vector<float>,
                     std::shared_ptr<SelfBaseline>)>
      learnt = nullptr;
};

// Thread-safe. Holds no model: one that is unloaded goes as soon as its requests are answered.
class WatchedModels final {
 public:
  using Clock = std::chrono::steady_clock;
  using WallClock = std::chrono::system_clock;

  // Both must outlive this.
  WatchedModels(const ModelCatalog& models, LearningOptions learning, spdlog::logger& log);

  // Takes what all models have counted by `now`, and judges the windows that wait; whether there
  // were any. Waits for batches that are under way.
  bool Look(Clock::time_point now, WallClock::time_point wall_clock)
      ABSL_LOCKS_EXCLUDED(looking_mutex_, mutex_);

  // Judges the windows that wait of the versions that had some last time; whether there were any.
  bool JudgeAgain(Clock::time_point now) ABSL_LOCKS_EXCLUDED(looking_mutex_, mutex_);

  // All models as of the last look, by name and then by version, the highest first.
  std::vector<StatusModel> Statuses() const ABSL_LOCKS_EXCLUDED(mutex_);

  // What the metrics of drift show.
  std::vector<VersionDrift> Drifts() const ABSL_LOCKS_EXCLUDED(mutex_);

  // That of the load of `served` that is followed; null before it is looked at first.
  std::shared_ptr<const ModelInsight> InsightOf(const ServedModel& served) const
      ABSL_LOCKS_EXCLUDED(mutex_);

  // How far the baseline of `served` is that is being learnt from live traffic; empty without one.
  std::string LearningOf(const ServedModel& served) const ABSL_LOCKS_EXCLUDED(mutex_);

  // Adds a mark to the history of the version.
  void Mark(const ServedModel& served, std::string what) ABSL_LOCKS_EXCLUDED(mutex_);

  // When the last look was.
  WallClock::time_point looked_at() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Version {
    std::weak_ptr<const ServedModel> served;
    std::weak_ptr<const ModelSums> load;  // is another one after each load
    std::weak_ptr<const ModelMetrics> metrics;
    VersionHistory history;
    // Of this load.
    std::shared_ptr<ModelInsight> insight = nullptr;
    std::shared_ptr<SelfBaseline> learning = nullptr;
    std::shared_ptr<const Baseline> warned_of = nullptr;
    std::shared_ptr<const std::vector<StatusShape>> shapes = nullptr;  // before somebody asked
    Clock::time_point shaped_at{};
  };
  using Key = std::pair<std::string, std::int64_t>;
  // What the counters had of a version that is gone: they go on where it comes back before they go.
  struct GoneVersion {
    std::weak_ptr<const ModelMetrics> metrics;
    TrafficSums sums;
  };

  // Of the version whose load `served` is; null where that is not followed.
  const Key* KeyOf(const ServedModel& served) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Takes up versions that are served now, and drops those that are not.
  void Follow(const ModelTable& table, Clock::time_point now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FollowVersion(const std::shared_ptr<const ServedModel>& served, const Key& key,
                     Clock::time_point now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What was counted of the version before the last look.
  TrafficSums SumsBefore(const ServedModel& served, const Key& key)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Drops the versions that are not `there`.
  void Forget(const std::set<Key>& there) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // As Look.
  bool LookAt(const Key& key, const std::shared_ptr<const ServedModel>& served,
              Clock::time_point now) ABSL_LOCKS_EXCLUDED(mutex_);
  // Whether anything came since the last look.
  bool TakeSums(const Key& key, const ServedModel& served, Clock::time_point now)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Whether there were any.
  bool JudgeWindows(const Key& key, const ServedModel& served, Clock::time_point now)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Warns, once, of a baseline in force that the windows are too large for.
  void WarnOfBaseline(const Key& key, const ServedModel& served) ABSL_LOCKS_EXCLUDED(mutex_);

  void Shape(const Key& key, const ServedModel& served, Clock::time_point now)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // `now` as histories have it: their minutes begin when those of the wall clock do, which are
  // what is shown. The wall clock may be set later; then they begin with the minutes of before.
  Clock::time_point HistoryTime(Clock::time_point now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ModelCatalog& models_;
  const LearningOptions learning_;
  spdlog::logger& log_;
  std::mutex looking_mutex_;  // one look at a time; taken first
  std::int64_t generation_ ABSL_GUARDED_BY(looking_mutex_) = -1;
  // That had a window last time.
  std::vector<Key> busy_ ABSL_GUARDED_BY(looking_mutex_);

  mutable std::mutex mutex_;
  std::map<Key, Version> versions_ ABSL_GUARDED_BY(mutex_);
  std::map<Key, GoneVersion> gone_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::int64_t> defaults_ ABSL_GUARDED_BY(mutex_);  // by model
  // Of the wall clock's minutes behind the steady clock's; not set before the first look.
  std::optional<Clock::duration> minutes_phase_ ABSL_GUARDED_BY(mutex_);
  Clock::time_point last_look_ ABSL_GUARDED_BY(mutex_);
  WallClock::time_point looked_at_ ABSL_GUARDED_BY(mutex_);
  mutable Clock::time_point asked_at_ ABSL_GUARDED_BY(mutex_);  // for a status
};

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_WATCHED_MODELS_H_
