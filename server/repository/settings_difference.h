// How two settings of one model version differ, for people who read the log.

#ifndef MLP_SERVER_REPOSITORY_SETTINGS_DIFFERENCE_H_
#define MLP_SERVER_REPOSITORY_SETTINGS_DIFFERENCE_H_

#include <string>

#include "server/repository/model_settings.h"

namespace mlp {

// Whether anything differs, label files included.
bool SameSettings(const ModelSettings& one, const ModelSettings& other);

// The settings that differ, by their names in config.pbtxt, with both values if they are short:
// "max_batch_size is 8 instead of 4". Empty if none differ. Names at most eight, and the number of
// further ones. Leaves out version_policy and the versions' labels, which belong to the model and
// not to the version.
std::string SettingsDifference(const ModelSettings& before, const ModelSettings& now);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_SETTINGS_DIFFERENCE_H_
