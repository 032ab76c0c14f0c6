// Small files that may hold secrets. Internal to the client.

#ifndef MLP_CLIENT_PRIVATE_FILE_H_
#define MLP_CLIENT_PRIVATE_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace mlp {

enum class FileSecrecy {
  kPublic,
  kSecret,  // refused if every user of the machine may read it
};

inline constexpr std::size_t kMaxSmallFileBytes = std::size_t{1} << 20;

// The content of a file or a pipe. NOT_FOUND or PERMISSION_DENIED if it cannot be read, or if it is
// a secret that every user may read. INVALID_ARGUMENT if it has more than kMaxSmallFileBytes.
// Permissions are checked on the opened file, so it cannot be swapped in between. Thread-safe.
absl::StatusOr<std::string> ReadSmallFile(const std::string& path, FileSecrecy secrecy);

}  // namespace mlp

#endif  // MLP_CLIENT_PRIVATE_FILE_H_
