// Names for a model's versions, in addition to their numbers: "stable", "canary". They are
// parameters in its config.pbtxt. The key is "version_label." and the label, the value is the
// version:
//
//   parameters { key: "version_label.stable" value { string_value: "3" } }

#ifndef MLP_SERVER_REPOSITORY_VERSION_LABELS_H_
#define MLP_SERVER_REPOSITORY_VERSION_LABELS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/model_config.pb.h"

namespace mlp {

// Precedes the label in the name of its parameter.
inline constexpr char kLabelPrefix[] = "version_label.";

// The version in `text`: a positive integer in its shortest form, so that no two texts mean the
// same version; otherwise nullopt.
std::optional<std::int64_t> ParseVersion(absl::string_view text);

// The version of each label. Does not check whether the version exists. INVALID_ARGUMENT for a
// label that is not [a-z][a-z0-9_-]{0,63}, and for a value that is not a version.
absl::StatusOr<std::map<std::string, std::int64_t>> ReadVersionLabels(
    const inference::ModelConfig& config);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_VERSION_LABELS_H_
