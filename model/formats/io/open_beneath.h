// Opens a file only if it is below a folder, whatever its name and the links in its path are.

#ifndef MLP_MODEL_FORMATS_IO_OPEN_BENEATH_H_
#define MLP_MODEL_FORMATS_IO_OPEN_BENEATH_H_

#include <string>

namespace mlp {

// What resolves the path.
enum class BeneathBy {
  kKernel,  // openat2; as kWalk if the kernel or a system call filter does not allow it, or if
            // something is renamed at the same time
  kWalk,    // step by step, opening each step without following links
};

// Opens `path`, relative to the folder `root`, for reading. Returns the descriptor, or -1 with
// errno: EXDEV if the path leaves the folder by "..", by a link or by being absolute; ELOOP for
// more links than Linux follows; otherwise as open. Follows symbolic links that stay below `root`,
// but never those of /proc. Does not wait for a pipe's writer and does not acquire a controlling
// terminal. A file system mounted below the folder counts as below it. Thread-safe.
int OpenBeneath(int root, const std::string& path, BeneathBy by = BeneathBy::kKernel);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_IO_OPEN_BENEATH_H_
