// Writes NumPy's .npz files: uncompressed ZIP archives of .npy files.

#ifndef MLP_CLIENT_NPZ_H_
#define MLP_CLIENT_NPZ_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace mlp {

struct NpzEntry {
  std::string name;  // as in numpy.load(...)[name]
  std::string npy;   // a whole .npy file
};

// RESOURCE_EXHAUSTED if the archive would exceed ZIP's 4 GiB or 65,535 entries. Thread-safe.
absl::StatusOr<std::string> WriteNpz(const std::vector<NpzEntry>& entries);

}  // namespace mlp

#endif  // MLP_CLIENT_NPZ_H_
