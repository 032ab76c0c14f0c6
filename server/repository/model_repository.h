// Finds the models of a repository in Triton's layout, <root>/<model>/<version>/model.onnx (or
// model.safetensors with model.json), and loads their versions. A version that cannot be loaded
// does not keep others from being served: it is returned with the reason.

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
  std::int64_t version = 0;  // 1, 2, ...; 0 if the model's folder holds no version at all

  ModelSettings settings;  // of its config.pbtxt, fitted to the network

  // Either the loaded network, or none and why it was refused.
  std::optional<Network> network;
  absl::Status status;

  std::vector<WarmUpRequest> warm_up;     // to answer before it is served
  std::optional<TestVector> test_vector;  // to answer correctly before it is served

  std::string digest;  // of the network (model/drift/network_digest.h)
  // The baseline beside the network. Null if there is none, or if it was refused;
  // `baseline_refused` then says why. A refused baseline does not keep the version from being
  // served.
  std::shared_ptr<const Baseline> baseline;
  std::string baseline_refused;

  std::vector<std::string> warnings;  // where the file was not taken literally
};

// Whether `name` may name a model: [A-Za-z0-9._-]{1,128} without a leading dot.
bool IsModelName(absl::string_view name);

// The rule for model names, and a valid name like `name`, which is not one: for errors, after
// "expected ".
std::string ModelNameRule(absl::string_view name);

struct RepositoryListing {
  std::vector<std::string> models;    // ascending
  std::vector<std::string> warnings;  // what was skipped, and why
};

// The models that have a folder under `root`. Follows links. Silently skips names with a leading
// dot, and plain files beside the model folders. NOT_FOUND if there is no `root`, INVALID_ARGUMENT
// if it is not a folder, PERMISSION_DENIED if it cannot be read.
absl::StatusOr<RepositoryListing> ListRepository(const std::filesystem::path& root);

struct VersionListing {
  std::vector<std::int64_t> versions;  // ascending
  std::vector<std::string> warnings;   // what was skipped, and why
};

// The versions of the model `name` that have a folder in `folder`, the model's own. NOT_FOUND if
// there is no such folder, PERMISSION_DENIED if it cannot be read.
absl::StatusOr<VersionListing> ListVersions(const std::filesystem::path& folder,
                                            absl::string_view name);

// Loads one version of the model `name` from its folder, with the settings of the whole model
// fitted to it. ABORTED if a file may still be being written (CheckFilesAreFinished); this is not
// checked if a checksum or a test vector would reveal missing data, or if `external_data` is not
// allowed. RESOURCE_EXHAUSTED if reading takes more than `most_bytes` of memory.
ModelVersion LoadVersion(const std::filesystem::path& folder, absl::string_view name,
                         std::int64_t version, const ModelSettings& settings,
                         const ExternalData& external_data = {},
                         std::int64_t most_bytes = kAnyMemory);

// Loads one file as a repository of one model. A file in a repository's layout (name/1/model.onnx
// or name/1/model.json) gets the name and version of its folders. Any other gets its own name
// without the extension, and version 1. INVALID_ARGUMENT if that is not a valid name, ABORTED if
// the file may still be being written, RESOURCE_EXHAUSTED as above, and the reader's error if it
// refuses the file.
absl::StatusOr<ModelVersion> LoadModelFile(const std::filesystem::path& file,
                                           const ExternalData& external_data = {},
                                           std::int64_t most_bytes = kAnyMemory);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_MODEL_REPOSITORY_H_
