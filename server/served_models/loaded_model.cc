#include "server/served_models/loaded_model.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace mlp {

bool LoadedModel::served() const {
  return std::any_of(versions.begin(), versions.end(),
                     [](const auto& version) { return version.second.record.served != nullptr; });
}

const ServedModel* LoadedModel::ServedVersion(std::int64_t version) const {
  const auto found = versions.find(version);
  return found == versions.end() ? nullptr : found->second.record.served.get();
}

LoadedVersion RefusedVersion(const std::string& name, std::int64_t version,
                             const absl::Status& status, const LoadedModel& before) {
  const auto old = before.versions.find(version);
  if (old != before.versions.end() && old->second.record.served != nullptr) {
    LoadedVersion kept = old->second;
    kept.record.reason = absl::StrCat("could not be loaded again: ", status.message());
    kept.record.refused = true;
    return kept;
  }
  LoadedVersion refused;
  refused.record.name = name;
  refused.record.version = version;
  refused.record.reason = std::string(status.message());
  refused.record.refused = true;
  return refused;
}

}  // namespace mlp
