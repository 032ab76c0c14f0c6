// Writes what a command was asked to put into a file.
//
// Errors are the system's, with its words: NOT_FOUND for a folder that is not there,
// RESOURCE_EXHAUSTED for a full disk, PERMISSION_DENIED, FAILED_PRECONDITION for a folder in the
// file's place. Every function is thread-safe.

#ifndef MLP_CLIENT_WRITE_FILE_H_
#define MLP_CLIENT_WRITE_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace mlp {

// Makes `text` the whole of the file at `path`, whatever was there.
absl::Status WriteFile(const std::string& path, absl::string_view text);

// The same at once: whoever reads the file meanwhile, such as a server, sees all of it or what was
// there before.
absl::Status ReplaceFile(const std::string& path, absl::string_view text);

// Whether ReplaceFile can begin: for commands that take long, or change a server, before they have
// what they write. Changes nothing at `path`, and leaves nothing beside it. A disk that is full, or
// a device that takes nothing, shows in ReplaceFile alone.
absl::Status CheckReplaceable(const std::string& path);

}  // namespace mlp

#endif  // MLP_CLIENT_WRITE_FILE_H_
