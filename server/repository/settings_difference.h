// What two settings of one model version differ in, for people who read the log.

#ifndef MLP_SERVER_REPOSITORY_SETTINGS_DIFFERENCE_H_
#define MLP_SERVER_REPOSITORY_SETTINGS_DIFFERENCE_H_

#include <string>

#include "server/repository/model_settings.h"

namespace mlp {

// Whether anything differs, label files included.
bool SameSettings(const ModelSettings& one, const ModelSettings& other);

// The settings that differ, by their names in config.pbtxt, with both values where they are short:
// "max_batch_size is 8 in place of 4". Empty where there are none. At most eight are named, and how
// many more there are. version_policy and the versions' labels are the model's and not the
// version's, and left out.
std::string SettingsDifference(const ModelSettings& before, const ModelSettings& now);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_SETTINGS_DIFFERENCE_H_
