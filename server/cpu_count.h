// How many CPUs this process may use.

#ifndef MLP_SERVER_CPU_COUNT_H_
#define MLP_SERVER_CPU_COUNT_H_

#include "server/cgroup.h"

namespace mlp {

// The CPUs of the affinity mask, and no more than the quota of the process' cgroup (of version 2, 1
// or both) or of any above it: quota over period, rounded down, at least 1. A container that is
// limited by a quota sees all CPUs of its host in the mask, and threads beyond the quota only
// throttle it.
int UsableCpuCount(const CgroupPlaces& places = {});

}  // namespace mlp

#endif  // MLP_SERVER_CPU_COUNT_H_
