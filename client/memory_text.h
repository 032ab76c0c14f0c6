// The memory line in `describe`, for a file's model and a server's model.

#ifndef MLP_CLIENT_MEMORY_TEXT_H_
#define MLP_CLIENT_MEMORY_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace mlp {

// "33,792 bytes of weights, and 65,536 of workspace a thread, on avx512". Thread-safe.
std::string MemoryText(std::int64_t weight_bytes, std::int64_t workspace_bytes,
                       absl::string_view instruction_set);

}  // namespace mlp

#endif  // MLP_CLIENT_MEMORY_TEXT_H_
