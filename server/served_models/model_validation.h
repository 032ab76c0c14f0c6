// Checks whether a repository can be published: loads everything in it as at a start, and serves
// nothing.

#ifndef MLP_SERVER_SERVED_MODELS_MODEL_VALIDATION_H_
#define MLP_SERVER_SERVED_MODELS_MODEL_VALIDATION_H_

#include <string>

#include "absl/status/statusor.h"
#include "server/served_models/model_catalog.h"
#include "server/served_models/model_manager.h"

namespace mlp {

// Loads what `manager` would serve from the start: files, settings, warm-up requests and test
// vectors. `manager` publishes to `catalog` and has not been started. Returns a line with the
// numbers of versions and models. FAILED_PRECONDITION if any is refused, with their names; the
// reasons are logged. Otherwise the errors of ModelManager::LoadStartSet.
absl::StatusOr<std::string> ValidateModels(ModelManager& manager, const ModelCatalog& catalog);

}  // namespace mlp

#endif  // MLP_SERVER_SERVED_MODELS_MODEL_VALIDATION_H_
