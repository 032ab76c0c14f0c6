#include "server/repository/version_baseline.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/drift/baseline_file.h"
#include "model/formats/io/file_content.h"

namespace mlp {

FoundBaseline ReadVersionBaseline(const std::filesystem::path& folder, const Network& network,
                                  const std::string& digest, std::int64_t most_bytes) {
  const absl::StatusOr<std::string> content =
      ReadFileContent(folder / kBaselineFile, std::min(most_bytes, kMaxBaselineBytes));
  if (absl::IsNotFound(content.status())) return {};
  if (!content.ok()) return {nullptr, std::string(content.status().message())};
  absl::StatusOr<Baseline> baseline = ReadBaseline(*content, network, digest);
  if (!baseline.ok()) return {nullptr, std::string(baseline.status().message())};
  return {std::make_shared<const Baseline>(*std::move(baseline)), {}};
}

}  // namespace mlp
