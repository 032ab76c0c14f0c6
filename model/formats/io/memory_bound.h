// Bounds the memory that reading a model's files takes, for a process that must not take more than
// its container has: the kernel ends such a process, and no allocation fails before.

#ifndef MLP_MODEL_FORMATS_IO_MEMORY_BOUND_H_
#define MLP_MODEL_FORMATS_IO_MEMORY_BOUND_H_

#include <cstdint>
#include <limits>

#include "absl/status/status.h"

namespace mlp {

inline constexpr std::int64_t kAnyMemory = std::numeric_limits<std::int64_t>::max();

// OK, or RESOURCE_EXHAUSTED, with both numbers, where a model takes `needed` bytes and may take
// `most`. Thread-safe.
absl::Status CheckMemory(std::int64_t needed, std::int64_t most);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_IO_MEMORY_BOUND_H_
