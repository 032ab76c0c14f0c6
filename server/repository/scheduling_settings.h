// Reads how requests are put together from a model's configuration.

#ifndef MLP_SERVER_REPOSITORY_SCHEDULING_SETTINGS_H_
#define MLP_SERVER_REPOSITORY_SCHEDULING_SETTINGS_H_

#include "absl/status/statusor.h"
#include "proto/model_config.pb.h"
#include "server/batching/scheduling.h"

namespace mlp {

// Of dynamic_batching and instance_group. INVALID_ARGUMENT, naming the field, its value and what
// was expected, for what is out of range or contradicts itself. Groups of GPUs are passed over.
absl::StatusOr<Scheduling> ReadScheduling(const inference::ModelConfig& config);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_SCHEDULING_SETTINGS_H_
