#include "server/repository/version_policy.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

// More versions than anybody keeps. Limits the records that a file creates if it is there by
// mistake.
constexpr int kMaxSpecificVersions = 1024;

}  // namespace

absl::Status CheckVersionPolicy(const inference::ModelConfig& config) {
  const inference::ModelVersionPolicy& policy = config.version_policy();
  if (policy.has_latest() && policy.latest().num_versions() == 0) {
    return absl::InvalidArgumentError(
        "version_policy.latest.num_versions is 0; expected 1 or more");
  }
  if (!policy.has_specific()) return absl::OkStatus();
  const int versions = policy.specific().versions_size();
  if (versions == 0 || versions > kMaxSpecificVersions) {
    return absl::InvalidArgumentError(absl::StrCat("version_policy.specific names ", versions,
                                                   " versions; expected 1 to ",
                                                   kMaxSpecificVersions));
  }
  for (const std::int64_t version : policy.specific().versions()) {
    if (version < 1) {
      return absl::InvalidArgumentError(absl::StrCat("version_policy.specific.versions has ",
                                                     version, "; expected positive integers"));
    }
  }
  return absl::OkStatus();
}

std::vector<std::int64_t> ChooseVersions(const inference::ModelConfig& config,
                                         std::vector<std::int64_t> found) {
  const inference::ModelVersionPolicy& policy = config.version_policy();
  if (policy.has_specific()) {
    found.assign(policy.specific().versions().begin(), policy.specific().versions().end());
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  if (policy.has_latest() && found.size() > policy.latest().num_versions()) {
    found.erase(found.begin(),
                found.end() - static_cast<std::ptrdiff_t>(policy.latest().num_versions()));
  }
  return found;
}

}  // namespace mlp
