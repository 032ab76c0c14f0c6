// Which of a model's versions are served: version_policy of its config.pbtxt.

#ifndef MLP_SERVER_REPOSITORY_VERSION_POLICY_H_
#define MLP_SERVER_REPOSITORY_VERSION_POLICY_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "proto/model_config.pb.h"

namespace mlp {

// INVALID_ARGUMENT, with the field, its value and what was expected, for a policy that serves no
// version or names an impossible one.
absl::Status CheckVersionPolicy(const inference::ModelConfig& config);

// The versions to serve, ascending: with `latest`, the newest of `found`; with `all` or without a
// policy, all of `found`; with `specific`, those that it names, even if they are not in `found`.
// REQUIRES: CheckVersionPolicy(config).ok().
std::vector<std::int64_t> ChooseVersions(const inference::ModelConfig& config,
                                         std::vector<std::int64_t> found);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_VERSION_POLICY_H_
