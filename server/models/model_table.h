// The models that requests can name, at one moment: those that are served, and those that are not,
// with the reason.

#ifndef MLP_SERVER_MODELS_MODEL_TABLE_H_
#define MLP_SERVER_MODELS_MODEL_TABLE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/models/served_model.h"

namespace mlp {

// As RepositoryIndex tells them.
enum class ModelState { kReady, kLoading, kUnavailable };

// READY, LOADING or UNAVAILABLE.
absl::string_view NameOf(ModelState state);

// What there is to know of one version of a model.
struct ModelRecord {
  std::string name;
  std::int64_t version = 0;  // 0 for a model without any version
  ModelState state = ModelState::kUnavailable;
  std::string reason;  // why it is not ready or, of one that is, could not be loaded again
  std::shared_ptr<const ServedModel> served;  // set where, and only where, it is ready
};

// Names for versions, beside their numbers: by model, then by label.
using VersionLabels = std::map<std::string, std::map<std::string, std::int64_t>>;

// Immutable: any number of threads may use one table. A change is another table (ModelCatalog).
class ModelTable final {
 public:
  using Versions = std::map<std::int64_t, ModelRecord>;

  // `not_loaded`: the names of models beside these that could be loaded.
  explicit ModelTable(std::vector<ModelRecord> records, VersionLabels labels = {},
                      std::vector<std::string> not_loaded = {});

  // The version of a model that a request names, by its number or by a label, or the newest served
  // one where `version` is empty. NOT_FOUND for a model or a version that there is not,
  // INVALID_ARGUMENT for an empty name or a version that is neither a label nor a decimal number,
  // UNAVAILABLE for one that is not ready.
  absl::StatusOr<std::shared_ptr<const ServedModel>> Find(absl::string_view name,
                                                          absl::string_view version) const;

  // The versions of one model; null where there is no such model.
  const Versions* VersionsOf(absl::string_view name) const;

  // Every model by name.
  const std::map<std::string, Versions>& models() const { return models_; }

  // To those who ask for them, these are as models that there are not.
  const std::vector<std::string>& not_loaded() const { return not_loaded_; }

 private:
  std::optional<std::int64_t> LabelledVersion(absl::string_view name,
                                              absl::string_view label) const;

  std::map<std::string, Versions> models_;
  VersionLabels labels_;
  std::vector<std::string> not_loaded_;
  absl::flat_hash_map<absl::string_view, const Versions*> by_name_;  // keys live in models_
  // The newest served version of each model that has one.
  absl::flat_hash_map<absl::string_view, std::shared_ptr<const ServedModel>> newest_;
};

}  // namespace mlp

#endif  // MLP_SERVER_MODELS_MODEL_TABLE_H_
