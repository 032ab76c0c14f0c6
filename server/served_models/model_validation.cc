#include "server/served_models/model_validation.h"

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/quote.h"

namespace mlp {

absl::StatusOr<std::string> ValidateModels(ModelManager& manager, const ModelCatalog& catalog) {
  const absl::Status loaded = manager.LoadStartSet();
  // If no model can be served, the refused ones are reported first.
  if (!loaded.ok() && !absl::IsNotFound(loaded)) return loaded;
  const std::shared_ptr<const ModelTable> table = catalog.Get();
  const std::vector<ModelTable::NamedModel> models = table->models();
  std::vector<std::string> refused;
  int versions = 0;
  for (const ModelTable::NamedModel& model : models) {
    for (const auto& [version, record] : model.model.versions) {
      ++versions;
      const bool ready = record.state == ModelState::kReady;
      const bool baseline_refused =
          record.served != nullptr && !record.served->baseline->refused().empty();
      if (ready && !baseline_refused) continue;
      refused.push_back(absl::StrCat(Quote(model.name),
                                     version > 0 ? absl::StrCat(" version ", version) : "",
                                     ready ? " (its baseline)" : ""));
    }
  }
  if (!refused.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        refused.size(), " of ", versions, " versions are refused: ", absl::StrJoin(refused, ", ")));
  }
  if (!loaded.ok()) return loaded;
  return absl::StrCat(versions, " versions of ", models.size(), " models can be served");
}

}  // namespace mlp
