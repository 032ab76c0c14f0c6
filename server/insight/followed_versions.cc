#include "server/insight/followed_versions.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "server/insight/status_maker.h"

namespace mlp {

void FollowedVersions::Follow(const ModelTable& table, Clock::time_point now) {
  std::set<Key> served_versions;
  std::map<std::string, std::int64_t> defaults;
  for (const auto& [name, model] : table.models()) {
    for (const auto& [number, record] : model.versions) {
      if (record.served == nullptr) continue;
      Key key(name, number);
      FollowVersion(record.served, key, now);
      served_versions.insert(std::move(key));
    }
    const auto last = defaults_.find(name);
    const std::int64_t by_default = model.default_version;
    if (by_default == 0) continue;
    defaults[name] = by_default;
    if (last == defaults_.end() || last->second == by_default) continue;
    const auto version = versions_.find({name, by_default});
    if (version != versions_.end()) version->second.history.Mark("default changed", now);
  }
  Forget(served_versions);
  defaults_ = std::move(defaults);
}

void FollowedVersions::FollowVersion(const std::shared_ptr<const ServedModel>& served,
                                     const Key& key, Clock::time_point now) {
  auto found = versions_.find(key);
  if (found == versions_.end()) {
    VersionHistory history(SumsBefore(*served, key), now);
    found =
        versions_
            .emplace(key, FollowedVersion{{}, {}, served->instruments.metrics, std::move(history)})
            .first;
  }
  FollowedVersion& version = found->second;
  version.served = served;  // may be a new object for the same load, with other settings
  if (version.load.lock() == served->instruments.sums) return;
  version.history.BeginLoad(served->network->layers().size(),
                            StatusRowsOf(*served->network).size());
  version.insight = std::make_shared<ModelInsight>(served->baseline);
  version.learning = std::make_shared<SelfBaseline>(learning_rows_);
  version.shapes = nullptr;
  version.history.Mark("loaded", now);
  // Last: if memory runs out above, everything is repeated next time.
  version.load = served->instruments.sums;
}

TrafficSums FollowedVersions::SumsBefore(const ServedModel& served, const Key& key) {
  const auto gone = gone_.find(key);
  if (gone == gone_.end()) return {};
  TrafficSums sums;
  if (gone->second.metrics.lock() == served.instruments.metrics) sums = gone->second.sums;
  gone_.erase(gone);
  return sums;
}

void FollowedVersions::Forget(const std::set<Key>& served_versions) {
  for (auto it = gone_.begin(); it != gone_.end();) {
    it = it->second.metrics.expired() ? gone_.erase(it) : std::next(it);
  }
  for (auto it = versions_.begin(); it != versions_.end();) {
    if (served_versions.count(it->first) > 0) {
      ++it;
      continue;
    }
    gone_[it->first] = {it->second.metrics, it->second.history.sums()};
    it = versions_.erase(it);
  }
}

const FollowedVersions::Key* FollowedVersions::KeyOf(const ServedModel& served) const {
  const auto found = std::find_if(versions_.begin(), versions_.end(), [&](const auto& version) {
    return version.second.load.lock() == served.instruments.sums;
  });
  return found == versions_.end() ? nullptr : &found->first;
}

}  // namespace mlp
