// Names for a model's versions beside their numbers: "stable", "canary". They are parameters of its
// config.pbtxt, called "version_label." and the label, whose values are the versions:
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

// What is before the label in the name of its parameter.
inline constexpr char kLabelPrefix[] = "version_label.";

// The version that `text` is: a positive integer in its shortest form, so that no two texts are the
// same version; else none.
std::optional<std::int64_t> ParseVersion(absl::string_view text);

// The version of each label. Whether there is such a version is not asked. INVALID_ARGUMENT for a
// label that is not [a-z][a-z0-9_-]{0,63}, and for what is no version.
absl::StatusOr<std::map<std::string, std::int64_t>> ReadVersionLabels(
    const inference::ModelConfig& config);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_VERSION_LABELS_H_
