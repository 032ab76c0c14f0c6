// A model's config.pbtxt: the part of Triton's model configuration that mlpserve serves, in
// protobuf's text form. Any other setting is an error that names it: if it were silently ignored,
// its author would believe that it works. A setting that only says how Triton computes is ignored
// with a warning, and one that has its default without a warning.

#ifndef MLP_SERVER_REPOSITORY_MODEL_SETTINGS_H_
#define MLP_SERVER_REPOSITORY_MODEL_SETTINGS_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/network.h"
#include "model/weight_storage.h"
#include "proto/model_config.pb.h"
#include "server/batching/scheduling.h"

namespace mlp {

struct ModelSettings {
  inference::ModelConfig config;  // as in the file; empty without a file

  // The paths of settings in the file that are ignored (triton_settings.h).
  std::vector<std::string> ignored;

  // How the weights of dense layers are kept, if the parameter "weights" says so.
  std::optional<WeightStorage> weights;

  // From dynamic_batching and instance_group.
  Scheduling scheduling;

  // Names for versions (version_labels.h).
  std::map<std::string, std::int64_t> version_labels;

  // The file of each version; if empty, whichever model file its folder holds
  // (model/formats/model_file.h).
  std::string model_filename;

  // One entry for each output of the network: its labels, one for each unit, or none.
  std::vector<std::vector<std::string>> labels;
};

// Reads `folder`/config.pbtxt of the model `name`, or returns the defaults if there is none.
// INVALID_ARGUMENT, with the line or the field, its value and what was expected, if the text is not
// a ModelConfig, has fields that are not served (all of them are named), or names another model or
// backend.
absl::StatusOr<ModelSettings> ReadModelSettings(const std::filesystem::path& folder,
                                                absl::string_view name);

// The same from the file's text.
absl::StatusOr<ModelSettings> ParseModelSettings(const std::string& text, absl::string_view name);

// The same from a ModelConfig in protobuf's JSON form, as clients send it. Errors call it
// "parameter 'config'".
absl::StatusOr<ModelSettings> ParseModelSettingsJson(const std::string& json,
                                                     absl::string_view name);

// Whether `name` names a file in the folder itself: no path, and no leading dot.
bool IsPlainFileName(absl::string_view name);

// Checks the configured inputs and outputs against a version's network, and reads the label files
// in `folder` into `settings`. INVALID_ARGUMENT if something differs, NOT_FOUND for a missing label
// file.
absl::Status FitToNetwork(const std::filesystem::path& folder, const Network& network,
                          ModelSettings& settings);

// The name that ModelConfig has for `datatype`.
inference::DataType ConfigDatatype(Datatype datatype);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_MODEL_SETTINGS_H_
