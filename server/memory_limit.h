// How much memory this process may use.

#ifndef MLP_SERVER_MEMORY_LIMIT_H_
#define MLP_SERVER_MEMORY_LIMIT_H_

#include <cstdint>

#include "server/cgroup.h"

namespace mlp {

// The machine's memory, in bytes, and no more than the limit of the process' cgroup (of version 2,
// 1 or both), of any above it, or of its address space (RLIMIT_AS).
std::int64_t UsableMemoryBytes(const CgroupPlaces& places = {});

}  // namespace mlp

#endif  // MLP_SERVER_MEMORY_LIMIT_H_
