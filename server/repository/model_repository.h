// Finds the models of a repository in Triton's layout, <root>/<model>/<version>/model.onnx (or
// model.safetensors with model.json), and loads their versions. A version that cannot be loaded
// does not keep others from being served: it is given with the reason.

#ifndef MLP_SERVER_REPOSITORY_MODEL_REPOSITORY_H_
#define MLP_SERVER_REPOSITORY_MODEL_REPOSITORY_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/drift/baseline.h"
#include "model/formats/io/external_data.h"
#include "model/formats/io/memory_bound.h"
#include "model/network.h"
#include "server/repository/model_settings.h"
#include "server/repository/test_vector.h"
#include "server/repository/warm_up.h"

namespace mlp {

struct ModelVersion {
  std::string name;          // a valid model name, see IsModelName
  std::int64_t version = 0;  // 1, 2, ...; 0 where the model's folder holds no version at all

  ModelSettings settings;  // of its config.pbtxt, fitted to the network

  // Either what was loaded, or none and why it was refused.
  std::optional<Network> network;
  absl::Status status;

  std::vector<WarmUpRequest> warm_up;     // to be answered before it is served
  std::optional<TestVector> test_vector;  // to be answered right before it is served

  std::string digest;  // of the network (model/drift/network_digest.h)
  // What lies beside the network as its baseline: null where there is none, or where it was refused
  // and why. That does not keep the version from being served.
  std::shared_ptr<const Baseline> baseline;
  std::string baseline_refused;

  std::vector<std::string> warnings;  // how the file was taken differently from what it says
};

// Whether `name` may name a model: [A-Za-z0-9._-]{1,128} without a leading dot.
bool IsModelName(absl::string_view name);

// What a model's name is, and one like `name`, which is none: for errors after "expected ".
std::string ModelNameRule(absl::string_view name);

struct RepositoryListing {
  std::vector<std::string> models;    // ascending
  std::vector<std::string> warnings;  // what was passed over, and why
};

// The models that have a folder under `root`. Names with a leading dot and plain files beside the
// model folders are passed over in silence; links are followed. NOT_FOUND where there is no `root`,
// INVALID_ARGUMENT where it is no folder, PERMISSION_DENIED where it cannot be read.
absl::StatusOr<RepositoryListing> ListRepository(const std::filesystem::path& root);

struct VersionListing {
  std::vector<std::int64_t> versions;  // ascending
  std::vector<std::string> warnings;   // what was passed over, and why
};

// The versions of the model `name` that have a folder in its own. NOT_FOUND where there is none,
// PERMISSION_DENIED where the model's folder cannot be read.
absl::StatusOr<VersionListing> ListVersions(const std::filesystem::path& folder,
                                            absl::string_view name);

// Loads one version of the model `name` out of its folder, with `settings`, which are of the whole
// model, fitted to it. ABORTED where a file may still be being written (CheckFilesAreFinished),
// unless a checksum or a test vector shows what is missing, or `external_data` is refused;
// RESOURCE_EXHAUSTED where reading it takes more than `most_bytes` of memory.
ModelVersion LoadVersion(const std::filesystem::path& folder, absl::string_view name,
                         std::int64_t version, const ModelSettings& settings,
                         const ExternalData& external_data = {},
                         std::int64_t most_bytes = kAnyMemory);

// Loads one file as a repository of one. The model is called after its folder in a repository
// (name/1/model.onnx or name/1/model.json) or else after the file without its extension, and so is
// its version, else 1. INVALID_ARGUMENT where that gives no valid name, ABORTED where the file
// may still be being written, RESOURCE_EXHAUSTED as above, and the reader's error where it refuses.
absl::StatusOr<ModelVersion> LoadModelFile(const std::filesystem::path& file,
                                           const ExternalData& external_data = {},
                                           std::int64_t most_bytes = kAnyMemory);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_MODEL_REPOSITORY_H_
