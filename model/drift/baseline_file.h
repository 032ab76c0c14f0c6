// Reads and writes baselines: baseline.safetensors, stored next to the model in its version's
// folder. docs/reference/baseline_file.md lists its tensors.

#ifndef MLP_MODEL_DRIFT_BASELINE_FILE_H_
#define MLP_MODEL_DRIFT_BASELINE_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/drift/baseline.h"
#include "model/network.h"

namespace mlp {

inline constexpr char kBaselineFile[] = "baseline.safetensors";

// The contents of the file. REQUIRES: `baseline` is of `network`, which may be without its weights.
// Thread-safe.
std::string WriteBaseline(const Baseline& baseline, const Network& network);

// Reads the contents of such a file. `network` may be without its weights; `model_digest` is its
// NetworkDigest. FAILED_PRECONDITION for another network's baseline. INVALID_ARGUMENT, naming the
// tensor or the metadata entry and what was expected, for a malformed file, sizes that do not match
// the network, values that are not finite or out of range, and missing or unknown tensors. Memory
// is limited to a small multiple of the file's size. Thread-safe.
absl::StatusOr<Baseline> ReadBaseline(absl::string_view file, const Network& network,
                                      absl::string_view model_digest);

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_BASELINE_FILE_H_
