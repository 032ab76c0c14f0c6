#include "server/models/model_catalog.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

std::vector<VersionReadiness> ReadinessOf(const ModelTable& table, const std::string& name) {
  std::vector<VersionReadiness> readiness;
  const ModelTable::Versions* const versions = table.VersionsOf(name);
  if (versions == nullptr) return readiness;
  for (const auto& [number, record] : *versions) {
    readiness.push_back(
        {number > 0 ? absl::StrCat(number) : std::string(), record.served != nullptr});
  }
  return readiness;
}

}  // namespace

void ModelCatalog::Publish(std::shared_ptr<const ModelTable> table) {
  const std::lock_guard publishing(publishing_mutex_);
  Metrics::Readiness changed;
  for (std::string& name : table->ChangedSince(*Get())) {
    std::vector<VersionReadiness> readiness = ReadinessOf(*table, name);
    changed.emplace(std::move(name), std::move(readiness));
  }
  // The last table goes outside of the lock: models may go with it.
  std::shared_ptr<const ModelTable> last = std::move(table);
  {
    const std::lock_guard lock(mutex_);
    table_.swap(last);
    metrics_.SetReadiness(std::move(changed));
    generation_.fetch_add(1, std::memory_order_release);
  }
}

}  // namespace mlp
