// Whether a repository can be published: everything in it is loaded as at a start, and nothing
// served.

#ifndef MLP_SERVER_SERVED_MODELS_MODEL_VALIDATION_H_
#define MLP_SERVER_SERVED_MODELS_MODEL_VALIDATION_H_

#include <string>

#include "absl/status/statusor.h"
#include "server/served_models/model_catalog.h"
#include "server/served_models/model_manager.h"

namespace mlp {

// Loads what `manager`, which publishes to `catalog` and has not been started, would serve from the
// start: files, settings, warm-up requests and test vectors. Gives a line with how many versions
// and models that are. FAILED_PRECONDITION where any of them is refused, with their names: the
// reasons are logged. Else the errors of ModelManager::LoadStartSet.
absl::StatusOr<std::string> ValidateModels(ModelManager& manager, const ModelCatalog& catalog);

}  // namespace mlp

#endif  // MLP_SERVER_SERVED_MODELS_MODEL_VALIDATION_H_
