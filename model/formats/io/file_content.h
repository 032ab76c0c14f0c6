// Reads and writes whole files.

#ifndef MLP_MODEL_FORMATS_IO_FILE_CONTENT_H_
#define MLP_MODEL_FORMATS_IO_FILE_CONTENT_H_

#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mlp {

// The bytes of `file`. NOT_FOUND where there is none, PERMISSION_DENIED where it cannot be opened
// or read, INVALID_ARGUMENT where it is no regular file or has more than `most` bytes. Messages
// hold the file's name but not its folder. Thread-safe.
absl::StatusOr<std::string> ReadFileContent(const std::filesystem::path& file, std::int64_t most);

// The size of `file`, or 0 where there is none. Thread-safe.
std::int64_t FileBytes(const std::filesystem::path& file);

// Writes a file that is not there yet. ALREADY_EXISTS where it is, PERMISSION_DENIED where it
// cannot be written. Messages as above.
absl::Status WriteNewFile(const std::filesystem::path& file, absl::string_view content);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_IO_FILE_CONTENT_H_
