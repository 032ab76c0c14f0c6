// Finds files of a version that may still be being written. A file's length proves nothing: a
// writer may set it first, and what is not written yet reads as zeros.

#ifndef MLP_SERVER_REPOSITORY_UNFINISHED_WEIGHTS_H_
#define MLP_SERVER_REPOSITORY_UNFINISHED_WEIGHTS_H_

#include <filesystem>

#include "absl/status/status.h"

namespace mlp {

// ABORTED, with the file's name, if a regular file in `folder`, or at most 4 folders below it, was
// changed in the last 60 s and has a hole or ends in 4,096 zero bytes. Weights may be zeros, so
// such a file is accepted once it is older. Like the readers of external data, this does not follow
// links to folders. Looks at 10,000 entries at most. Thread-safe.
absl::Status CheckFilesAreFinished(const std::filesystem::path& folder);

// The same for one file.
absl::Status CheckFileIsFinished(const std::filesystem::path& file);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_UNFINISHED_WEIGHTS_H_
