// How many CPUs this process may use.

#ifndef MLP_SERVER_CPU_COUNT_H_
#define MLP_SERVER_CPU_COUNT_H_

#include "server/cgroup.h"

namespace mlp {

// The CPUs in the affinity mask, capped by the CPU quota of the process's cgroup (version 1, 2 or
// both) and of its ancestors. A quota stands for quota / period CPUs, rounded down, at least 1. A
// container limited by a quota sees all CPUs of its host in the mask; with more threads than its
// quota, it is only throttled.
int UsableCpuCount(const CgroupPlaces& places = {});

}  // namespace mlp

#endif  // MLP_SERVER_CPU_COUNT_H_
