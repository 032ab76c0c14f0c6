// Which of a model's versions are served: version_policy of its config.pbtxt.

#ifndef MLP_SERVER_REPOSITORY_VERSION_POLICY_H_
#define MLP_SERVER_REPOSITORY_VERSION_POLICY_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "proto/model_config.pb.h"

namespace mlp {

// INVALID_ARGUMENT, naming the field, its value and what was expected, for a policy that serves
// none, or a version that cannot be.
absl::Status CheckVersionPolicy(const inference::ModelConfig& config);

// The versions to serve, ascending, out of those that are `found`: the newest ones by `latest`, all
// by `all` and without a policy, and by `specific` those that it names, also where they are not
// found. REQUIRES: CheckVersionPolicy(config).ok().
std::vector<std::int64_t> ChooseVersions(const inference::ModelConfig& config,
                                         std::vector<std::int64_t> found);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_VERSION_POLICY_H_
