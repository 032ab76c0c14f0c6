// Which version of a model answers requests that name none.
//
// Where there is a label "default", it says so. Else it is the greatest number among the served
// versions that have the inputs and outputs of the oldest version in the model's folder: a new
// version with others never gets requests that were written for those before it. Servers that
// started before and after such a version came agree, as the folder alone decides. All versions
// count where somebody has chosen them: by version_policy.specific, or by asking for the load.

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
  std::int64_t version = 0;  // 0 where no version is served, or none that may be the default
  // The served versions with greater numbers that are not the default because of their inputs or
  // outputs, each with the difference.
  std::map<std::int64_t, std::string> held_back;
};

// The version that the label "default" names, or none.
std::optional<std::int64_t> LabelledDefault(const ModelSettings& settings);

// What a choice depends on, beside the versions that are served.
struct DefaultChoice {
  std::optional<std::int64_t> labelled;  // as LabelledDefault has it
  // The inputs and outputs that the default has to have, where they decide; without a value, those
  // of the oldest served version.
  bool interfaces_decide = true;
  std::optional<ModelInterface> established;
  std::int64_t before = 0;  // the default before; goes on where the label names what is not served
};

// Whether the inputs and outputs decide: not where settings choose the default.
bool InterfacesDecide(const ModelSettings& settings);

// Chooses among the versions that are `served`, which have these inputs and outputs.
DefaultVersion ChooseDefault(const std::map<std::int64_t, ModelInterface>& served,
                             const DefaultChoice& choice);

// Gives the inputs and outputs of a version that is in the model's folder.
using ReadInterface = std::function<absl::StatusOr<ModelInterface>(std::int64_t version)>;

struct EstablishedInterface {
  ModelInterface interface;
  std::int64_t newest = 0;  // the greatest number that has it
};

// The inputs and outputs of the oldest of the versions `found` (ascending) that can be read, and
// the newest version that has them. Versions that cannot be read are passed over. None where no
// version can be read; RESOURCE_EXHAUSTED where memory is too short to tell, and CANCELLED where
// `read` says so.
absl::StatusOr<std::optional<EstablishedInterface>> FindEstablished(
    const std::vector<std::int64_t>& found, const ReadInterface& read);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_DEFAULT_VERSION_H_
