// How much memory this process may use.

#ifndef MLP_SERVER_MEMORY_LIMIT_H_
#define MLP_SERVER_MEMORY_LIMIT_H_

#include <cstdint>

#include "server/cgroup.h"

namespace mlp {

// The machine's memory in bytes, capped by the limits of the process's cgroup (version 1, 2 or
// both), of its ancestors, and of its address space (RLIMIT_AS).
std::int64_t UsableMemoryBytes(const CgroupPlaces& places = {});

}  // namespace mlp

#endif  // MLP_SERVER_MEMORY_LIMIT_H_
