#include "server/served_models/model_catalog.h"

#include <chrono>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

ShownModel ShownModelOf(const ModelTable& table, const std::string& name) {
  ShownModel shown;
  const ModelTable::Model* const model = table.ModelNamed(name);
  if (model == nullptr) return shown;
  shown.unloaded = true;
  for (const auto& [number, record] : model->versions) {
    ShownVersion& version = shown.versions.emplace_back();
    if (number > 0) version.version = absl::StrCat(number);
    version.ready = record.served != nullptr;
    version.held_back = model->held_back.count(number) > 0;
    version.refused = record.refused;
    shown.unloaded = shown.unloaded && record.unloaded;
    if (!version.ready) continue;
    version.loaded_at_seconds =
        std::chrono::duration<double>(record.served->loaded_at.time_since_epoch()).count();
  }
  shown.default_version = model->default_version;
  shown.labels = model->labels;
  return shown;
}

}  // namespace

void ModelCatalog::Publish(std::shared_ptr<const ModelTable> table) {
  const std::lock_guard publishing(publishing_mutex_);
  ShownModels::ByName changed;
  for (std::string& name : table->ChangedSince(*Get())) {
    ShownModel shown = ShownModelOf(*table, name);
    changed.emplace(std::move(name), std::move(shown));
  }
  // The last table is destroyed outside the lock: models may be destroyed with it.
  std::shared_ptr<const ModelTable> last = std::move(table);
  {
    const std::lock_guard lock(mutex_);
    table_.swap(last);
    generation_.fetch_add(1, std::memory_order_release);
  }
  // Last, so that a client that sees a new default version in the metrics gets its answers.
  metrics_.models().Set(std::move(changed));
}

}  // namespace mlp
