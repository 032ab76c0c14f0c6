// Finds the models of a repository in Triton's layout, <root>/<model>/<version>/model.onnx (or
// model.safetensors with model.json), and loads every version there is. A model that cannot be
// loaded does not keep others from being served: it is listed with the reason.

#ifndef MLP_SERVER_REPOSITORY_MODEL_REPOSITORY_H_
#define MLP_SERVER_REPOSITORY_MODEL_REPOSITORY_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/network.h"
#include "server/repository/model_settings.h"

namespace mlp {

struct ModelVersion {
  std::string name;          // a valid model name, see IsModelName
  std::int64_t version = 0;  // 1, 2, ...; 0 where the model's folder holds no version at all

  ModelSettings settings;  // of its config.pbtxt, fitted to the network

  // Either what was loaded, or none and why it was refused.
  std::optional<Network> network;
  absl::Status status;

  std::vector<std::string> warnings;  // how the file was taken differently from what it says
};

struct RepositoryContents {
  std::vector<ModelVersion> versions;  // by name, then by version
  std::vector<std::string> warnings;   // what was passed over, and why
};

// Whether `name` may name a model: [A-Za-z0-9._-]{1,128} without a leading dot.
bool IsModelName(absl::string_view name);

// Loads every version of every model under `root`, with the settings of its config.pbtxt. Names
// with a leading dot and plain files beside the model folders are passed over in silence; links are
// followed. NOT_FOUND where there is no `root`, INVALID_ARGUMENT where it is no folder,
// PERMISSION_DENIED where it cannot be read.
absl::StatusOr<RepositoryContents> LoadRepository(const std::filesystem::path& root);

// Loads one file as a repository of one. The model is called after its folder in a repository
// (name/1/model.onnx or name/1/model.json) or else after the file without its extension, and so is
// its version, else 1. INVALID_ARGUMENT where that gives no valid name, and the reader's error
// where it refuses.
absl::StatusOr<RepositoryContents> LoadModelFile(const std::filesystem::path& file);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_MODEL_REPOSITORY_H_
