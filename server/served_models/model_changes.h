// Logs what a load has changed in a model: versions withdrawn, labels moved, another default
// version, other inputs and outputs.

#ifndef MLP_SERVER_SERVED_MODELS_MODEL_CHANGES_H_
#define MLP_SERVER_SERVED_MODELS_MODEL_CHANGES_H_

#include <spdlog/logger.h>

#include <string>

#include "server/served_models/loaded_model.h"

namespace mlp {

// Logs the changes from `before` to `now`. `before` has no versions if the model is new.
void LogChanges(const std::string& name, const LoadedModel& before, const LoadedModel& now,
                spdlog::logger& log);

}  // namespace mlp

#endif  // MLP_SERVER_SERVED_MODELS_MODEL_CHANGES_H_
