// Sees what has changed in a model repository since it was loaded.
//
// A change counts once two looks in a row have seen the same: a folder that is still being written
// looks different each time. Two looks and not the age of files, as copies keep times that are long
// past, and as the clocks of file servers are not ours.

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
  std::vector<std::string> changed;   // models that are new, or other than what was loaded
  std::vector<std::string> gone;      // models whose folder is there no longer
  bool unsettled = false;             // there may be more of both at the next look
  std::vector<std::string> warnings;  // what is passed over, and was not at the look before
};

// Not thread-safe.
class RepositoryWatch final {
 public:
  explicit RepositoryWatch(std::filesystem::path root) : root_(std::move(root)) {}

  // Looks for what differs from `loaded`, the models' folders as they were read. The errors of
  // ListRepository: then nothing is known, and what was loaded should stay.
  absl::StatusOr<RepositoryChanges> Look(const std::map<std::string, ContentSignature>& loaded);

 private:
  std::filesystem::path root_;
  // What the last look has seen of models that differ; none for a folder that is gone.
  std::map<std::string, std::optional<ContentSignature>> seen_;
  std::set<std::string> warnings_;
};

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_REPOSITORY_WATCH_H_
