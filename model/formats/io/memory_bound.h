// Limits the memory for reading a model's files. If a process exceeds its container's memory, the
// kernel kills it, and no allocation fails first.

#ifndef MLP_MODEL_FORMATS_IO_MEMORY_BOUND_H_
#define MLP_MODEL_FORMATS_IO_MEMORY_BOUND_H_

#include <cstdint>
#include <limits>

#include "absl/status/status.h"

namespace mlp {

inline constexpr std::int64_t kAnyMemory = std::numeric_limits<std::int64_t>::max();

// OK, or RESOURCE_EXHAUSTED, with both numbers, if a model takes `needed` bytes and more than
// `most`. Thread-safe.
absl::Status CheckMemory(std::int64_t needed, std::int64_t most);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_IO_MEMORY_BOUND_H_
