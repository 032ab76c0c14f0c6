// Writes a command's output files.
//
// Errors are the system's, with its messages: NOT_FOUND if the folder does not exist,
// RESOURCE_EXHAUSTED if the disk is full, PERMISSION_DENIED, FAILED_PRECONDITION if there is a
// folder in the file's place. Every function is thread-safe.

#ifndef MLP_CLIENT_WRITE_FILE_H_
#define MLP_CLIENT_WRITE_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace mlp {

// Replaces the content of the file at `path` with `text`.
absl::Status WriteFile(const std::string& path, absl::string_view text);

// Like WriteFile, but atomically: a program that reads the file meanwhile, such as a server, sees
// either the new content or the old.
absl::Status ReplaceFile(const std::string& path, absl::string_view text);

// Whether ReplaceFile can start: for commands that take long, or that change a server, before they
// have their output. Changes nothing at `path` and leaves nothing beside it. Only ReplaceFile
// notices a full disk or a device that accepts no data.
absl::Status CheckWritable(const std::string& path);

}  // namespace mlp

#endif  // MLP_CLIENT_WRITE_FILE_H_
