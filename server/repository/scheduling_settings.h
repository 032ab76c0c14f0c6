// Reads from a model's configuration how its requests are batched.

#ifndef MLP_SERVER_REPOSITORY_SCHEDULING_SETTINGS_H_
#define MLP_SERVER_REPOSITORY_SCHEDULING_SETTINGS_H_

#include "absl/status/statusor.h"
#include "proto/model_config.pb.h"
#include "server/batching/scheduling.h"

namespace mlp {

// From dynamic_batching and instance_group. INVALID_ARGUMENT, with the field, its value and what
// was expected, for values out of range and contradictions. Groups of GPUs are ignored.
absl::StatusOr<Scheduling> ReadScheduling(const inference::ModelConfig& config);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_SCHEDULING_SETTINGS_H_
