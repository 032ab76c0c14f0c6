// What the control groups of this process allow, of version 1, 2 or both.

#ifndef MLP_SERVER_CGROUP_H_
#define MLP_SERVER_CGROUP_H_

#include <cstdint>
#include <filesystem>
#include <limits>

#include "absl/strings/string_view.h"

namespace mlp {

inline constexpr std::int64_t kNoCgroupLimit = std::numeric_limits<std::int64_t>::max();

// Where the kernel tells the groups of this process. Other places are for tests.
struct CgroupPlaces {
  std::filesystem::path file = "/proc/self/cgroup";
  std::filesystem::path root = "/sys/fs/cgroup";
};

// The limit that one folder of a hierarchy sets, or kNoCgroupLimit.
using CgroupLimit = std::int64_t (*)(const std::filesystem::path& folder);

// The least that the process' own groups and all above them allow of what `controller` controls
// ("cpu", "memory").
std::int64_t LeastOfCgroups(const CgroupPlaces& places, absl::string_view controller,
                            CgroupLimit version1, CgroupLimit version2);

}  // namespace mlp

#endif  // MLP_SERVER_CGROUP_H_
