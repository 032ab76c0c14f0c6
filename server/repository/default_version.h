// Which version of a model answers requests that do not name one.
//
// If there is a label "default", it decides. Otherwise, it is the greatest number among the served
// versions that have the inputs and outputs of the oldest version in the model's folder. So a new
// version with other inputs or outputs never gets requests that were written for earlier ones.
// Servers that started before and after such a version arrived agree, because only the folder
// decides. All versions count if somebody has chosen them: with version_policy.specific, or by
// asking for the load.

#ifndef MLP_SERVER_REPOSITORY_DEFAULT_VERSION_H_
#define MLP_SERVER_REPOSITORY_DEFAULT_VERSION_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/repository/model_interface.h"
#include "server/repository/model_settings.h"

namespace mlp {

inline constexpr char kDefaultLabel[] = "default";

struct DefaultVersion {
  std::int64_t version = 0;  // 0 if no version is served, or none may be the default
  // The served versions with greater numbers that are not the default because of their inputs or
  // outputs, each with the difference.
  std::map<std::int64_t, std::string> held_back;
};

// The version that the label "default" names, or none.
std::optional<std::int64_t> LabelledDefault(const ModelSettings& settings);

// What a choice depends on, in addition to the served versions.
struct DefaultChoice {
  std::optional<std::int64_t> labelled;  // as LabelledDefault returns it
  // The inputs and outputs that the default must have, if they decide. Without a value, those of
  // the oldest served version.
  bool interfaces_decide = true;
  std::optional<ModelInterface> established;
  std::int64_t previous = 0;  // the previous default; stays if the labelled version is not served
};

// Whether the inputs and outputs decide: not if the settings choose the default.
bool InterfacesDecide(const ModelSettings& settings);

// Chooses among the versions in `served`, which are given with their inputs and outputs.
DefaultVersion ChooseDefault(const std::map<std::int64_t, ModelInterface>& served,
                             const DefaultChoice& choice);

// Returns the inputs and outputs of a version in the model's folder.
using ReadInterface = std::function<absl::StatusOr<ModelInterface>(std::int64_t version)>;

struct EstablishedInterface {
  ModelInterface interface;
  std::int64_t newest = 0;  // the greatest version that has it
};

// The inputs and outputs of the oldest version in `found` (ascending) that can be read, and the
// newest version that has them. Skips versions that cannot be read. nullopt if none can be read,
// RESOURCE_EXHAUSTED if there is too little memory to tell, CANCELLED if `read` returns that.
absl::StatusOr<std::optional<EstablishedInterface>> FindEstablished(
    const std::vector<std::int64_t>& found, const ReadInterface& read);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_DEFAULT_VERSION_H_
