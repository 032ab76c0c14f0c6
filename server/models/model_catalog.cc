#include "server/models/model_catalog.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace mlp {

void ModelCatalog::Publish(std::shared_ptr<const ModelTable> table) {
  std::vector<ModelReadiness> readiness;
  for (const auto& [name, versions] : table->models()) {
    for (const auto& [number, record] : versions) {
      readiness.push_back(
          {name, number > 0 ? absl::StrCat(number) : std::string(), record.served != nullptr});
    }
  }
  // The last table goes outside of the lock: models may go with it.
  std::shared_ptr<const ModelTable> last = std::move(table);
  {
    const std::lock_guard lock(mutex_);
    table_.swap(last);
    metrics_.SetReadiness(std::move(readiness));
    generation_.fetch_add(1, std::memory_order_release);
  }
}

}  // namespace mlp
