// Reads Triton's model configuration, as people write it and as Triton's servers print it, and
// extracts what is served here.

#ifndef MLP_SERVER_REPOSITORY_TRITON_SETTINGS_H_
#define MLP_SERVER_REPOSITORY_TRITON_SETTINGS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/model_config.pb.h"

namespace mlp {

struct TritonSettings {
  inference::ModelConfig config;  // the part that is served

  // Paths of settings that affect how Triton computes its answers, but not the answers: pinned
  // memory, GPUs. Each once, in the file's order of fields.
  std::vector<std::string> ignored;

  // Settings that change answers, or what clients may ask, and are not served; and names that
  // belong to no field. A setting that has its default is in neither list.
  std::vector<std::string> unsupported;
};

// `text` is protobuf's text form of a ModelConfig, or of the ModelConfigResponse that
// get_model_config prints. INVALID_ARGUMENT, with the line and the column, for anything else.
absl::StatusOr<TritonSettings> ReadTritonSettings(const std::string& text);

// The same in protobuf's JSON form. Here, a name that belongs to no field is an error.
absl::StatusOr<TritonSettings> ReadTritonSettingsJson(const std::string& json);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_TRITON_SETTINGS_H_
