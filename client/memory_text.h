// What `describe` says of a model's memory, of a file and of a server's model alike.

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
