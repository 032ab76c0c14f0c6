#include "server/insight/watched_models.h"

#include <iterator>
#include <set>

#include "absl/strings/str_cat.h"
#include "server/insight/findings.h"
#include "server/insight/status_maker.h"

namespace mlp {

WatchedModels::WatchedModels(const ModelCatalog& models)
    : models_(models), last_look_(Clock::now()), looked_at_(WallClock::now()) {}

void WatchedModels::FollowVersion(const std::shared_ptr<const ServedModel>& served, const Key& key,
                                  Clock::time_point now) {
  auto found = versions_.find(key);
  if (found == versions_.end()) {
    // A load begins with counters of zero, but where an earlier one of its version still answers.
    TrafficSums sums;
    const ModelMetrics& metrics = *served->instruments.metrics;
    if (metrics.WasAsked()) metrics.ReadTraffic(sums);
    found = versions_.emplace(key, Version{{}, {}, VersionHistory(sums, now)}).first;
  }
  Version& version = found->second;
  version.served = served;  // others may be in force, under other settings
  if (version.load.lock() == served->instruments.sums) return;
  version.load = served->instruments.sums;
  version.history.BeginLoad(served->network->layers().size(), 0);
  version.history.Mark("loaded", now);
}

void WatchedModels::Follow(const ModelTable& table, Clock::time_point now) {
  std::set<Key> there;
  std::map<std::string, std::int64_t> defaults;
  for (const auto& [name, model] : table.models()) {
    for (const auto& [number, record] : model.versions) {
      if (record.served == nullptr) continue;
      Key key(name, number);
      FollowVersion(record.served, key, now);
      there.insert(std::move(key));
    }
    const auto last = defaults_.find(name);
    const std::int64_t by_default = model.default_version;
    if (by_default == 0) continue;
    defaults[name] = by_default;
    if (last == defaults_.end() || last->second == by_default) continue;
    const auto version = versions_.find({name, by_default});
    if (version != versions_.end()) version->second.history.Mark("default changed", now);
  }
  for (auto it = versions_.begin(); it != versions_.end();) {
    it = there.count(it->first) > 0 ? std::next(it) : versions_.erase(it);
  }
  defaults_ = std::move(defaults);
}

void WatchedModels::LookAt(const Key& key, const ServedModel& served, Clock::time_point now) {
  const ModelInstruments& instruments = served.instruments;
  // Without the lock: a batch may be under way.
  instruments.sums->AddUp(now);
  {
    const std::lock_guard lock(mutex_);
    const auto found = versions_.find(key);
    if (found == versions_.end()) return;
    if (found->second.history.requests() == instruments.metrics->requests()) {
      found->second.history.AddNothing(now);
      return;
    }
  }
  TrafficSums traffic;
  instruments.metrics->ReadTraffic(traffic);
  const ActivitySummary activity = instruments.activity->Read(now);
  const std::lock_guard lock(mutex_);
  versions_.at(key).history.Add(traffic, activity, now);
}

void WatchedModels::Look(Clock::time_point now, WallClock::time_point wall_clock) {
  const std::lock_guard looking(looking_mutex_);
  std::vector<std::pair<Key, std::weak_ptr<const ServedModel>>> versions;
  {
    const std::lock_guard lock(mutex_);
    if (const std::int64_t generation = models_.generation(); generation != generation_) {
      Follow(*models_.Get(), now);
      generation_ = generation;
    }
    for (const auto& [key, version] : versions_) versions.emplace_back(key, version.served);
  }
  for (const auto& [key, version] : versions) {
    const std::shared_ptr<const ServedModel> served = version.lock();
    if (served != nullptr) LookAt(key, *served, now);
  }
  const std::lock_guard lock(mutex_);
  last_look_ = now;
  looked_at_ = wall_clock;
}

std::vector<StatusModel> WatchedModels::Statuses() const {
  const std::shared_ptr<const ModelTable> table = models_.Get();
  std::vector<StatusModel> statuses;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, model] : table->models()) {
    for (auto it = model.versions.rbegin(); it != model.versions.rend(); ++it) {
      const ModelRecord& record = it->second;
      StatusModel& status = statuses.emplace_back(StatusOfRecord(model, record));
      const auto found = versions_.find({name, it->first});
      if (record.served != nullptr && found != versions_.end()) {
        AddHistory(*record.served, found->second.history, last_look_, status);
      }
      status.findings = FindingsOf(status, looked_at_);
    }
  }
  return statuses;
}

WatchedModels::WallClock::time_point WatchedModels::looked_at() const {
  const std::lock_guard lock(mutex_);
  return looked_at_;
}

}  // namespace mlp
