#include "server/cgroup.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"

namespace mlp {
namespace {

namespace fs = std::filesystem;

// The smallest limit of `root`/`own` and its ancestors. A container often sees its own cgroup as
// the root; `own` is then a path of the host and does not exist here.
std::int64_t LeastOf(CgroupLimit limit, const fs::path& root, fs::path own) {
  std::int64_t least = limit(root);
  for (; !own.empty(); own = own.parent_path()) least = std::min(least, limit(root / own));
  return least;
}

// Whether `controllers`, a comma-separated list, has `controller`.
bool HasController(absl::string_view controllers, absl::string_view controller) {
  const std::vector<absl::string_view> names = absl::StrSplit(controllers, ',');
  return std::find(names.begin(), names.end(), controller) != names.end();
}

}  // namespace

std::int64_t LeastOfCgroups(const CgroupPlaces& places, absl::string_view controller,
                            CgroupLimit version1, CgroupLimit version2) {
  std::int64_t least = version2(places.root);
  // One line for each hierarchy, number:controllers:path. Version 2's line has no controllers.
  std::ifstream file(places.file);
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> fields = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (fields.size() != 3) continue;
    const fs::path own = fs::path(fields[2]).relative_path();
    if (fields[1].empty()) {
      least = std::min(least, LeastOf(version2, places.root, own));
    } else if (HasController(fields[1], controller)) {
      // The mount usually has the name of this list. If the mount lists the controllers in another
      // order, the controller's own name leads to it.
      for (const std::string& name : {fields[1], std::string(controller)}) {
        least = std::min(least, LeastOf(version1, places.root / name, own));
      }
    }
  }
  return least;
}

}  // namespace mlp
