// Which versions are served, with what is known of each: its history and, for its current load, its
// insight and the baseline that it learns.

#ifndef MLP_SERVER_INSIGHT_FOLLOWED_VERSIONS_H_
#define MLP_SERVER_INSIGHT_FOLLOWED_VERSIONS_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/insight/model_insight.h"
#include "server/insight/self_baseline.h"
#include "server/insight/status.h"
#include "server/insight/version_history.h"
#include "server/served_models/model_table.h"
#include "server/served_models/served_model.h"

namespace mlp {

// Keeps no model alive.
struct FollowedVersion {
  using Clock = std::chrono::steady_clock;

  std::weak_ptr<const ServedModel> served;
  std::weak_ptr<const ModelSums> load;  // changes with each load
  std::weak_ptr<const ModelMetrics> metrics;
  VersionHistory history;
  // For this load only.
  std::shared_ptr<ModelInsight> insight = nullptr;
  std::shared_ptr<SelfBaseline> learning = nullptr;
  std::shared_ptr<const Baseline> warned_of = nullptr;
  // Null until someone reads the status.
  std::shared_ptr<const std::vector<StatusShape>> shapes = nullptr;
  Clock::time_point shaped_at{};
};

// Not thread-safe.
class FollowedVersions final {
 public:
  using Clock = FollowedVersion::Clock;
  using Key = std::pair<std::string, std::int64_t>;  // the model's name, and the version

  // `learning_rows`: from which a version learns its baseline; 0 disables learning.
  explicit FollowedVersions(std::int64_t learning_rows) : learning_rows_(learning_rows) {}

  // Adds versions that are now served in `table`, and drops those that are not. Marks loads and
  // changed defaults in the histories. `now`: on the clock of the histories. If it throws
  // bad_alloc, call it again with this table or a later one.
  void Follow(const ModelTable& table, Clock::time_point now);

  // All versions, by model and version.
  const std::map<Key, FollowedVersion>& all() const { return versions_; }

  // The version `key`, which must be followed.
  FollowedVersion& at(const Key& key) { return versions_.at(key); }
  const FollowedVersion& at(const Key& key) const { return versions_.at(key); }

  // The key of the version whose load `served` belongs to; null if that is not followed.
  // Valid until Follow.
  const Key* KeyOf(const ServedModel& served) const;

 private:
  // The last sums of a version that is no longer served. Its counters continue if it returns while
  // they still exist.
  struct GoneVersion {
    std::weak_ptr<const ModelMetrics> metrics;
    TrafficSums sums;
  };

  void FollowVersion(const std::shared_ptr<const ServedModel>& served, const Key& key,
                     Clock::time_point now);
  // The version's counts up to the last look.
  TrafficSums SumsBefore(const ServedModel& served, const Key& key);
  // Drops the versions that are not in `served_versions`.
  void Forget(const std::set<Key>& served_versions);

  const std::int64_t learning_rows_;
  std::map<Key, FollowedVersion> versions_;
  std::map<Key, GoneVersion> gone_;
  std::map<std::string, std::int64_t> defaults_;  // by model
};

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_FOLLOWED_VERSIONS_H_
