// Opens a file only where it is below a folder, whatever its name and the links on the way say.

#ifndef MLP_MODEL_FORMATS_IO_OPEN_BENEATH_H_
#define MLP_MODEL_FORMATS_IO_OPEN_BENEATH_H_

#include <string>

namespace mlp {

// Who resolves the path.
enum class BeneathBy {
  kKernel,  // openat2, or, where the kernel or a filter of system calls has none, as kWalk
  kWalk,    // step by step, each step opened without following a link
};

// A descriptor to read `path`, which is relative to the folder `root`, or -1 with errno: EXDEV
// where the path leaves the folder, by "..", by a link or because it is absolute; ELOOP for more
// links than anyone makes; else as open has it. Symbolic links are followed where they stay below
// `root`, those of /proc never. Does not wait where the file is a pipe, and takes over no terminal.
// A file system that is mounted below the folder counts as being below it. Thread-safe.
int OpenBeneath(int root, const std::string& path, BeneathBy by = BeneathBy::kKernel);

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_IO_OPEN_BENEATH_H_
