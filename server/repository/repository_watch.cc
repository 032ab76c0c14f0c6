#include "server/repository/repository_watch.h"

#include "server/repository/model_repository.h"

namespace mlp {

absl::StatusOr<RepositoryChanges> RepositoryWatch::Look(
    const std::map<std::string, ContentSignature>& loaded) {
  const absl::StatusOr<RepositoryListing> listing = ListRepository(root_);
  if (!listing.ok()) return listing.status();
  std::map<std::string, std::optional<ContentSignature>> differing;
  for (const std::string& name : listing->models) {
    ContentSignature content = SignatureOf(root_ / name);
    const auto known = loaded.find(name);
    if (known == loaded.end() || known->second != content) differing[name] = std::move(content);
  }
  const std::set<std::string> listed(listing->models.begin(), listing->models.end());
  for (const auto& [name, content] : loaded) {
    if (listed.count(name) == 0) differing[name] = std::nullopt;
  }

  RepositoryChanges changes;
  for (const auto& [name, content] : differing) {
    const auto last_seen = seen_.find(name);
    if (last_seen == seen_.end() || last_seen->second != content) {
      changes.unsettled = true;
    } else if (content.has_value()) {
      changes.changed.push_back(name);
    } else {
      changes.gone.push_back(name);
    }
  }
  seen_ = std::move(differing);
  for (const std::string& warning : listing->warnings) {
    if (warnings_.count(warning) == 0) changes.warnings.push_back(warning);
  }
  warnings_ = std::set<std::string>(listing->warnings.begin(), listing->warnings.end());
  return changes;
}

}  // namespace mlp
