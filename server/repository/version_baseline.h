// The baseline beside a version's network.

#ifndef MLP_SERVER_REPOSITORY_VERSION_BASELINE_H_
#define MLP_SERVER_REPOSITORY_VERSION_BASELINE_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "model/drift/baseline.h"
#include "model/network.h"

namespace mlp {

// The most bytes of the file.
inline constexpr std::int64_t kMaxBaselineBytes = std::int64_t{256} << 20;

struct FoundBaseline {
  std::shared_ptr<const Baseline> baseline;  // null if there is none, or it was refused
  std::string refused;                       // why it was refused; otherwise empty
};

// Reads baseline.safetensors, of at most `most_bytes`, from the folder of a version with `network`,
// whose digest is `digest`. A wrong baseline does not keep the version from being served.
FoundBaseline ReadVersionBaseline(const std::filesystem::path& folder, const Network& network,
                                  const std::string& digest, std::int64_t most_bytes);

}  // namespace mlp

#endif  // MLP_SERVER_REPOSITORY_VERSION_BASELINE_H_
