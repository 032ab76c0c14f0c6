// Reads and changes the log's settings, like Triton's logging extension.

#ifndef MLP_SERVER_RPC_LOG_SETTINGS_H_
#define MLP_SERVER_RPC_LOG_SETTINGS_H_

#include "absl/status/status.h"
#include "proto/open_inference.pb.h"
#include "server/observe/log_control.h"

namespace mlp {

// Changes what `request` names, all of it or nothing, and fills `response` with all settings. A
// request that names nothing only reads. UNAVAILABLE for a change if changes are not taken; they
// are taken if clients may change models. INVALID_ARGUMENT for an unknown setting, a value of
// another type or format, and a file, because the log is standard error. Thread-safe.
absl::Status AnswerLogSettings(bool changes_are_taken, LogControl& log,
                               const inference::LogSettingsRequest& request,
                               inference::LogSettingsResponse& response);

}  // namespace mlp

#endif  // MLP_SERVER_RPC_LOG_SETTINGS_H_
