// What a model's config.pbtxt says: the part of Triton's model configuration that mlpserve serves,
// in protobuf's text form. Anything else in there is an error that names it, because a setting that
// is passed over in silence is one that its author believes in. What only says how Triton computes
// is passed over with a warning, and what has its default without one.

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
  inference::ModelConfig config;  // as the file has it; empty without a file

  // What of the file is passed over, by its path (triton_settings.h).
  std::vector<std::string> passed_over;

  // How the weights of dense layers are kept, where the parameter "weights" says so.
  std::optional<WeightStorage> weights;

  // Of dynamic_batching and instance_group.
  Scheduling scheduling;

  // Names for versions (version_labels.h).
  std::map<std::string, std::int64_t> version_labels;

  // The file of each version; empty for the model that its folder holds
  // (model/formats/model_file.h).
  std::string model_filename;

  // One entry for each output of the network: its labels, one for each unit, or none.
  std::vector<std::vector<std::string>> labels;
};

// Reads `folder`/config.pbtxt of the model `name`, or gives the defaults where there is none.
// INVALID_ARGUMENT, naming the line or the field, its value and what was expected, for what is no
// text ModelConfig, has fields that are not served (all of them are named), or names another model
// or backend.
absl::StatusOr<ModelSettings> ReadModelSettings(const std::filesystem::path& folder,
                                                absl::string_view name);

// The same from the file's text.
absl::StatusOr<ModelSettings> ParseModelSettings(const std::string& text, absl::string_view name);

// The same from a ModelConfig in protobuf's JSON form, as clients send it: errors call it
// "parameter 'config'".
absl::StatusOr<ModelSettings> ParseModelSettingsJson(const std::string& json,
                                                     absl::string_view name);

// Whether `name` is that of a file in the folder itself: no path, and no leading dot.
bool IsPlainFileName(absl::string_view name);

// Checks the configured inputs and outputs against those of a version's network, and reads the
// label files, which are in `folder`, into `settings`. INVALID_ARGUMENT where something differs,
// NOT_FOUND for a label file that is not there.
absl::Status FitToNetwork(const std::filesystem::path& folder, const Network& network,
                          ModelSettings& settings);

// The datatype as ModelConfig has it.
inference::DataType ConfigDatatype(Datatype datatype);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_MODEL_SETTINGS_H_
