// How many CPUs this process may use.

#ifndef MLP_SERVER_CPU_COUNT_H_
#define MLP_SERVER_CPU_COUNT_H_

#include <filesystem>

namespace mlp {

// The CPUs of the affinity mask, and no more than the quota of the process' cgroup (of version 2, 1
// or both) or of any above it: quota over period, rounded down, at least 1. A container that is
// limited by a quota sees all CPUs of its host in the mask, and threads beyond the quota only
// throttle it.
//
// `cgroup_file` and `cgroup_root` are parameters for tests.
int UsableCpuCount(const std::filesystem::path& cgroup_file = "/proc/self/cgroup",
                   const std::filesystem::path& cgroup_root = "/sys/fs/cgroup");

}  // namespace mlp

#endif  // MLP_SERVER_CPU_COUNT_H_
