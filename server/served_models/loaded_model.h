// One model, as a load has left it: its versions, and what decides on its default version.

#ifndef MLP_SERVER_SERVED_MODELS_LOADED_MODEL_H_
#define MLP_SERVER_SERVED_MODELS_LOADED_MODEL_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "server/repository/content_signature.h"
#include "server/repository/default_version.h"
#include "server/repository/model_interface.h"
#include "server/served_models/model_table.h"
#include "server/served_models/served_model.h"

namespace mlp {

// One version, as last loaded. Copies share what is served.
struct LoadedVersion {
  ModelRecord record;
  std::string content;  // signature of its folder when the served files were read
};

// The inputs and outputs of a version in a model's folder, served or not.
struct SeenInterface {
  std::string content;  // signature of the version's folder when they were read
  ModelInterface interface;
};
using SeenInterfaces = std::map<std::int64_t, SeenInterface>;

// One model, as last loaded.
struct LoadedModel {
  std::map<std::int64_t, LoadedVersion> versions;  // version 0 if it has none
  std::map<std::string, std::int64_t> labels;
  DefaultVersion by_default;
  ContentSignature content;  // of its folder, when it was last looked at
  SeenInterfaces seen;

  bool served() const;
  // Null if the version is not served.
  const ServedModel* ServedVersion(std::int64_t version) const;
};

// What `version` of the model `name` is after a load that refused it with `status`: UNAVAILABLE, or
// as it was if it is served in `before`, the model before the load. The record says why.
LoadedVersion RefusedVersion(const std::string& name, std::int64_t version,
                             const absl::Status& status, const LoadedModel& before);

}  // namespace mlp

#endif  // MLP_SERVER_SERVED_MODELS_LOADED_MODEL_H_
