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
  bool refused = false;   // what its folder holds could not be loaded; it may serve all the same
  bool unloaded = false;  // somebody asked for it not to be served
};

// Names for versions, beside their numbers: by model, then by label.
using VersionLabels = std::map<std::string, std::map<std::string, std::int64_t>>;

// Immutable: any number of threads may use one table. A change is another table (ModelCatalog),
// which shares with the one before it what it does not change.
class ModelTable final {
 public:
  using Versions = std::map<std::int64_t, ModelRecord>;
  using Names = std::vector<std::string>;

  // What a table has of one model. One without versions is not in the table.
  struct Model {
    Versions versions;
    std::map<std::string, std::int64_t> labels;  // versions by their labels
    // The served version that answers requests without one; 0 where there is none.
    std::int64_t default_version = 0;
    // Served versions that would be the default with other inputs or outputs, and what these are.
    std::map<std::int64_t, std::string> held_back = {};
  };
  // By the model's name.
  using Changes = std::map<std::string, Model>;

  // One of all models; valid as long as the table.
  struct NamedModel {
    const std::string& name;
    const Model& model;
  };

  // The newest served version of each model is its default.
  explicit ModelTable(const std::vector<ModelRecord>& records, const VersionLabels& labels = {});

  // This table with `changes` in place of what it has of these models. `listed`, not null: the
  // names of all models that could be loaded, sorted. Takes O(kShards) and, for each change, a time
  // in proportion to 1 / kShards of all models.
  std::shared_ptr<const ModelTable> With(Changes changes,
                                         std::shared_ptr<const Names> listed) const;

  // The names of the models that differ between this table and `last`, which With made it from, in
  // one step or several.
  Names ChangedSince(const ModelTable& last) const;

  // The version of a model that a request names, by its number or by a label, or its default
  // where `version` is empty. NOT_FOUND for an unknown model or version, INVALID_ARGUMENT for
  // an empty name or a version that is neither a label nor a decimal number, UNAVAILABLE for one
  // that is not ready.
  absl::StatusOr<std::shared_ptr<const ServedModel>> Find(absl::string_view name,
                                                          absl::string_view version) const;

  // One model, and its versions; null where there is no such model.
  const Model* ModelNamed(absl::string_view name) const;
  const Versions* VersionsOf(absl::string_view name) const;

  // Every model, sorted by name. Makes the list anew.
  std::vector<NamedModel> models() const;

  // The names of the models that could be loaded beside these, sorted; makes the list
  // anew. Clients asking for one of these get NOT_FOUND.
  Names not_loaded() const;

 private:
  struct Entry {
    std::string name;
    Model model;
    std::shared_ptr<const ServedModel> by_default;  // null without a default version
  };
  // The models whose names have hashes of one range. Keys live in the entries.
  using Shard = absl::flat_hash_map<absl::string_view, std::shared_ptr<const Entry>>;

  // A change copies as many pointers to shards, and one shard.
  static constexpr std::size_t kShards = 256;

  static std::size_t ShardOf(std::size_t hash);
  void Set(Changes&& changes);
  const Entry* EntryOf(absl::string_view name) const;

  std::array<std::shared_ptr<const Shard>, kShards> shards_;  // null for an empty one
  std::shared_ptr<const Names> listed_ = std::make_shared<const Names>();
};

}  // namespace mlp

#endif  // MLP_SERVER_SERVED_MODELS_MODEL_TABLE_H_
