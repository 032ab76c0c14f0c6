// What a load changed of a model, for the log: versions that are withdrawn, labels that moved,
// another default version, other inputs and outputs.

#ifndef MLP_SERVER_SERVED_MODELS_MODEL_CHANGES_H_
#define MLP_SERVER_SERVED_MODELS_MODEL_CHANGES_H_

#include <spdlog/logger.h>

#include <string>

#include "server/served_models/model_loader.h"

namespace mlp {

// Logs the changes from `before`, which has no versions where there was no such model, to `now`.
void LogChanges(const std::string& name, const LoadedModel& before, const LoadedModel& now,
                spdlog::logger& log);

}  // namespace mlp

#endif  // MLP_SERVER_SERVED_MODELS_MODEL_CHANGES_H_
