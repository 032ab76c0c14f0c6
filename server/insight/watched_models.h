// The served versions with their histories, looked at once a second.

#ifndef MLP_SERVER_INSIGHT_WATCHED_MODELS_H_
#define MLP_SERVER_INSIGHT_WATCHED_MODELS_H_

#include <spdlog/logger.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "server/insight/drift_families.h"
#include "server/insight/followed_versions.h"
#include "server/insight/model_insight.h"
#include "server/insight/self_baseline.h"
#include "server/insight/status.h"
#include "server/served_models/model_catalog.h"

namespace mlp {

// How versions without a baseline get one.
struct LearningOptions {
  std::int64_t rows = 0;  // of live traffic; 0 disables learning
  // Called with the rows, all inputs concatenated, on the thread that looks. Must call End.
  std::function<void(std::shared_ptr<const ServedModel>, std::vector<float>,
                     std::shared_ptr<SelfBaseline>)>
      learnt = nullptr;
};

// Thread-safe. Keeps no model alive: an unloaded model is freed once its requests are answered.
class WatchedModels final {
 public:
  using Clock = std::chrono::steady_clock;
  using WallClock = std::chrono::system_clock;

  // `models` and `log` must outlive this object.
  WatchedModels(const ModelCatalog& models, LearningOptions learning, spdlog::logger& log);

  // Reads what all models have counted by `now` and judges the waiting windows. Returns whether
  // there were any. Waits for batches in progress.
  bool Look(Clock::time_point now, WallClock::time_point wall_clock)
      ABSL_LOCKS_EXCLUDED(looking_mutex_, mutex_);

  // Judges the waiting windows of versions that had some last time. Returns whether there were any.
  bool JudgeAgain(Clock::time_point now) ABSL_LOCKS_EXCLUDED(looking_mutex_, mutex_);

  // All models as of the last look, by name, then by version in descending order.
  std::vector<StatusModel> Statuses() const ABSL_LOCKS_EXCLUDED(mutex_);

  // The drift of all served versions, for the metrics.
  std::vector<VersionDrift> Drifts() const ABSL_LOCKS_EXCLUDED(mutex_);

  // The insight of the load that `served` belongs to; null before its first look.
  std::shared_ptr<const ModelInsight> InsightOf(const ServedModel& served) const
      ABSL_LOCKS_EXCLUDED(mutex_);

  // The progress of the baseline that `served` is learning from live traffic; empty if none.
  std::string LearningOf(const ServedModel& served) const ABSL_LOCKS_EXCLUDED(mutex_);

  // Adds a mark to the version's history.
  void Mark(const ServedModel& served, std::string what) ABSL_LOCKS_EXCLUDED(mutex_);

  // The time of the last look.
  WallClock::time_point looked_at() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Key = FollowedVersions::Key;

  // Like Look, for one version.
  bool LookAt(const Key& key, const std::shared_ptr<const ServedModel>& served,
              Clock::time_point now) ABSL_LOCKS_EXCLUDED(mutex_);
  // Returns whether any requests arrived since the last look.
  bool TakeSums(const Key& key, const ServedModel& served, Clock::time_point now)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Returns whether there were any windows.
  bool JudgeWindows(const Key& key, const ServedModel& served, Clock::time_point now)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Warns once per baseline if the windows are too large for it.
  void WarnOfBaseline(const Key& key, const ServedModel& served) ABSL_LOCKS_EXCLUDED(mutex_);

  void Shape(const Key& key, const ServedModel& served, Clock::time_point now)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // `now` on the histories' clock, whose minutes start with those of the wall clock, because these
  // are shown. If the wall clock is set later, they keep the old phase.
  Clock::time_point HistoryTime(Clock::time_point now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ModelCatalog& models_;
  const LearningOptions learning_;
  spdlog::logger& log_;
  std::mutex looking_mutex_;  // one look at a time; taken first
  std::int64_t generation_ ABSL_GUARDED_BY(looking_mutex_) = -1;
  // The versions that had a window last time.
  std::vector<Key> busy_ ABSL_GUARDED_BY(looking_mutex_);

  mutable std::mutex mutex_;
  FollowedVersions versions_ ABSL_GUARDED_BY(mutex_);
  // Offset from the steady clock's minutes to the wall clock's; not set before the first look.
  std::optional<Clock::duration> minutes_phase_ ABSL_GUARDED_BY(mutex_);
  Clock::time_point last_look_ ABSL_GUARDED_BY(mutex_);
  WallClock::time_point looked_at_ ABSL_GUARDED_BY(mutex_);
  mutable Clock::time_point asked_at_ ABSL_GUARDED_BY(mutex_);  // when a status was last read
};

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_WATCHED_MODELS_H_
