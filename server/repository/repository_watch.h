// Detects what has changed in a model repository since it was loaded.
//
// A change counts once two looks in a row have seen the same: a folder that is still being written
// looks different each time. The age of files does not count, because copies keep times long past,
// and file servers have their own clocks.

#ifndef MLP_SERVER_REPOSITORY_REPOSITORY_WATCH_H_
#define MLP_SERVER_REPOSITORY_REPOSITORY_WATCH_H_

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/repository/content_signature.h"

namespace mlp {

struct RepositoryChanges {
  std::vector<std::string> changed;   // models that are new, or differ from what was loaded
  std::vector<std::string> gone;      // models whose folder no longer exists
  bool unsettled = false;             // there may be more of both at the next look
  std::vector<std::string> warnings;  // what is skipped, and was not at the last look
};

// Not thread-safe.
class RepositoryWatch final {
 public:
  explicit RepositoryWatch(std::filesystem::path root) : root_(std::move(root)) {}

  // Looks for what differs from `loaded`, the models' folders as they were read. Errors are those
  // of ListRepository: nothing is known then, and what was loaded should stay.
  absl::StatusOr<RepositoryChanges> Look(const std::map<std::string, ContentSignature>& loaded);

 private:
  std::filesystem::path root_;
  // The differing models as the last look saw them; nullopt for a folder that is gone.
  std::map<std::string, std::optional<ContentSignature>> seen_;
  std::set<std::string> warnings_;
};

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_REPOSITORY_WATCH_H_
