// Small files that may hold secrets. Internal to the client.

#ifndef MLP_CLIENT_PRIVATE_FILE_H_
#define MLP_CLIENT_PRIVATE_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace mlp {

enum class FileSecrecy {
  kPublic,
  kSecret,  // refused where every user of the machine may read it
};

inline constexpr std::size_t kMostSmallFileBytes = std::size_t{1} << 20;

// The content of a file or a pipe. NOT_FOUND or PERMISSION_DENIED where it cannot be read, also for
// a secret that every user may read; INVALID_ARGUMENT for more than kMostSmallFileBytes. Who may
// read it is asked of the file that was opened, so that nobody exchanges it in between.
// Thread-safe.
absl::StatusOr<std::string> ReadSmallFile(const std::string& path, FileSecrecy secrecy);

}  // namespace mlp

#endif  // MLP_CLIENT_PRIVATE_FILE_H_
