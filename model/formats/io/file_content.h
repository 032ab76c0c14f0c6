// Reads and writes whole files.

#ifndef MLP_MODEL_FORMATS_IO_FILE_CONTENT_H_
#define MLP_MODEL_FORMATS_IO_FILE_CONTENT_H_

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace mlp {

// Opens `file` for reading. Returns the descriptor, which the caller closes, or -1 with errno. Does
// not wait for a pipe's writer and does not acquire a controlling terminal. Thread-safe.
int OpenToRead(const std::filesystem::path& file);

// The contents of `file`. NOT_FOUND if it does not exist, PERMISSION_DENIED if it cannot be opened
// or read, INVALID_ARGUMENT if it is not a regular file or has more than `most` bytes. Messages
// contain the file's name but not its folder; without permission, the user of this process too.
// `mode`, if not null, is set to the mode of the file
// that was opened. Thread-safe.
absl::StatusOr<std::string> ReadFileContent(const std::filesystem::path& file, std::int64_t most,
                                            mode_t* mode = nullptr);

// The size of `file`, or 0 if it does not exist. Thread-safe.
std::int64_t FileBytes(const std::filesystem::path& file);

// Writes a new file. ALREADY_EXISTS if it exists, PERMISSION_DENIED if it cannot be written.
// Messages are as above.
absl::Status WriteNewFile(const std::filesystem::path& file, absl::string_view content);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_IO_FILE_CONTENT_H_
