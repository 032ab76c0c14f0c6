// The models that requests can name, at one moment: those that are served, and those that are not,
// with the reason.

#ifndef MLP_SERVER_SERVED_MODELS_MODEL_TABLE_H_
#define MLP_SERVER_SERVED_MODELS_MODEL_TABLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/served_models/served_model.h"

namespace mlp {

// As RepositoryIndex reports it.
enum class ModelState { kReady, kLoading, kUnavailable };

// READY, LOADING or UNAVAILABLE.
absl::string_view NameOf(ModelState state);

// What is known of one version of a model.
struct ModelRecord {
  std::string name;
  std::int64_t version = 0;  // 0 for a model without any version
  ModelState state = ModelState::kUnavailable;
  std::string reason;                         // why it is not ready, or could not be loaded again
  std::shared_ptr<const ServedModel> served;  // set if and only if it is ready
  bool refused = false;   // its folder could not be loaded; it may still be served
  bool unloaded = false;  // it is not served because of a request to unload
};

// Names for versions, in addition to their numbers: by model, then by label.
using VersionLabels = std::map<std::string, std::map<std::string, std::int64_t>>;

// Immutable: any number of threads may use one table. A change is another table (ModelCatalog),
// which shares with the previous one what has not changed.
class ModelTable final {
 public:
  using Versions = std::map<std::int64_t, ModelRecord>;
  using Names = std::vector<std::string>;

  // One model in a table. A model without versions is not in the table.
  struct Model {
    Versions versions;
    std::map<std::string, std::int64_t> labels;  // versions by their labels
    // The served version that answers requests without a version; 0 if there is none.
    std::int64_t default_version = 0;
    // Served versions that do not become the default because their inputs or outputs differ, and
    // how these differ.
    std::map<std::int64_t, std::string> held_back = {};
  };
  // By the model's name.
  using Changes = std::map<std::string, Model>;

  // One model of a table; valid as long as the table.
  struct NamedModel {
    const std::string& name;
    const Model& model;
  };

  // The newest served version of each model is its default.
  explicit ModelTable(const std::vector<ModelRecord>& records, const VersionLabels& labels = {});

  // A copy of this table with `changes` in place of what it has of these models. `listed`, not
  // null: the names of all models that could be loaded, sorted. Takes O(kShards) time and, for each
  // change, time proportional to 1 / kShards of all models.
  std::shared_ptr<const ModelTable> With(Changes changes,
                                         std::shared_ptr<const Names> listed) const;

  // The names of the models that differ between this table and `last`. With must have made this
  // table from `last`, in one step or several.
  Names ChangedSince(const ModelTable& last) const;

  // Finds the version of a model that a request names, by number or label, or the default version
  // if `version` is empty. NOT_FOUND for an unknown model or version, INVALID_ARGUMENT for an empty
  // name or a version that is neither a label nor a decimal number, UNAVAILABLE for a version that
  // is not ready.
  absl::StatusOr<std::shared_ptr<const ServedModel>> Find(absl::string_view name,
                                                          absl::string_view version) const;

  // One model, and its versions; null if there is no such model.
  const Model* ModelNamed(absl::string_view name) const;
  const Versions* VersionsOf(absl::string_view name) const;

  // Every model, sorted by name. Builds the list on each call.
  std::vector<NamedModel> models() const;

  // The names of the models that could be loaded but are not, sorted. Builds the list on each call.
  // Clients asking for one of these get NOT_FOUND.
  Names not_loaded() const;

 private:
  struct Entry {
    std::string name;
    Model model;
    std::shared_ptr<const ServedModel> by_default;  // null without a default version
  };
  // The models whose names have hashes in one range. The keys point into the entries.
  using Shard = absl::flat_hash_map<absl::string_view, std::shared_ptr<const Entry>>;

  // A change copies this many pointers to shards, and one shard.
  static constexpr std::size_t kShards = 256;

  static std::size_t ShardOf(std::size_t hash);
  void Set(Changes&& changes);
  const Entry* EntryOf(absl::string_view name) const;

  std::array<std::shared_ptr<const Shard>, kShards> shards_;  // null if empty
  std::shared_ptr<const Names> listed_ = std::make_shared<const Names>();
};

}  // namespace mlp

#endif  // MLP_SERVER_SERVED_MODELS_MODEL_TABLE_H_
