// Reads and writes baselines: baseline.safetensors, which stands beside the model in its version's
// folder. docs/drift.md lists its tensors.

#ifndef MLP_MODEL_DRIFT_BASELINE_FILE_H_
#define MLP_MODEL_DRIFT_BASELINE_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/drift/baseline.h"
#include "model/network.h"

namespace mlp {

inline constexpr char kBaselineFile[] = "baseline.safetensors";

// The bytes of the file. REQUIRES: a baseline of `network`, which may be without its weights.
// Thread-safe.
std::string WriteBaseline(const Baseline& baseline, const Network& network);

// Reads the bytes of such a file. `network` may be without its weights; `model_digest` is what
// NetworkDigest gave of it. FAILED_PRECONDITION for the baseline of another network;
// INVALID_ARGUMENT, naming the tensor or the entry of the metadata with what was expected, for what
// breaks the format, sizes that are not the network's, values that are not finite or out of range,
// and tensors that are missing or unknown. Memory is bounded by a small multiple of the file.
// Thread-safe.
absl::StatusOr<Baseline> ReadBaseline(absl::string_view file, const Network& network,
                                      absl::string_view model_digest);

}  // namespace mlp

#endif  // MLP_MODEL_DRIFT_BASELINE_FILE_H_
