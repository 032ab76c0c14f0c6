// The limits that cgroups set for this process: version 1, version 2 or both.

#ifndef MLP_SERVER_CGROUP_H_
#define MLP_SERVER_CGROUP_H_

#include <cstdint>
#include <filesystem>
#include <limits>

#include "absl/strings/string_view.h"

namespace mlp {

inline constexpr std::int64_t kNoCgroupLimit = std::numeric_limits<std::int64_t>::max();

// Where the kernel lists this process's cgroups, and where they are mounted. Tests use other
// places.
struct CgroupPlaces {
  std::filesystem::path file = "/proc/self/cgroup";
  std::filesystem::path root = "/sys/fs/cgroup";
};

// The limit set by one folder of a hierarchy, or kNoCgroupLimit.
using CgroupLimit = std::int64_t (*)(const std::filesystem::path& folder);

// The smallest limit of `controller` ("cpu", "memory") over the process's cgroups and all their
// ancestors.
std::int64_t LeastOfCgroups(const CgroupPlaces& places, absl::string_view controller,
                            CgroupLimit version1, CgroupLimit version2);

}  // namespace mlp

#endif  // MLP_SERVER_CGROUP_H_
