// The models that requests can name: those that are served, and those that were refused, with the
// reason.

#ifndef MLP_SERVER_RPC_MODEL_TABLE_H_
#define MLP_SERVER_RPC_MODEL_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/activations/activation.h"
#include "model/cpu/instruction_set.h"
#include "model/evaluator/evaluator.h"
#include "model/weight_storage.h"
#include "server/observe/metrics.h"
#include "server/repository/model_repository.h"

namespace mlp {

// A model version with all that serving it takes. Immutable, but for the metrics it reports to.
struct ServedModel {
  std::string name;
  std::string version;                     // decimal
  std::size_t index = 0;                   // position in ModelTable::served()
  std::shared_ptr<const Network> network;  // as the evaluator has it
  std::unique_ptr<const Evaluator> evaluator;
  std::int64_t max_batch_rows = 0;  // the most rows of a request and of a batch
  ModelSettings settings;           // of its config.pbtxt
  ModelInstruments instruments;
};

// How the models of a table are evaluated.
struct EvaluationOptions {
  double saturation_epsilon = kDefaultSaturationEpsilon;
  std::int64_t max_batch_rows = 4096;  // unless a model's own settings have fewer
  InstructionSet instruction_set = BestInstructionSet();
  WeightStorage weights = WeightStorage::kFloat32;  // unless a model's own settings say otherwise
};

// Immutable: any number of threads may use one table.
class ModelTable final {
 public:
  struct Entry {
    const ServedModel* served = nullptr;  // null where the version was refused
    std::string reason;                   // why it was
  };
  using Versions = std::map<std::int64_t, Entry>;  // 0 for a model without any version

  // Takes what a repository holds. `arena` and `metrics` must outlive the table.
  ModelTable(std::vector<ModelVersion> versions, const EvaluationOptions& options,
             tbb::task_arena& arena, Metrics& metrics);

  // The version of a model that a request names, or the newest served one where `version` is empty.
  // NOT_FOUND for a model or a version that there is not, INVALID_ARGUMENT for an empty name or a
  // version that is no decimal number, UNAVAILABLE for one that was refused.
  absl::StatusOr<const ServedModel*> Find(absl::string_view name, absl::string_view version) const;

  // The versions of one model; null where there is no such model.
  const Versions* VersionsOf(absl::string_view name) const;

  // Every model by name.
  const std::map<std::string, Versions>& models() const { return models_; }

  const std::vector<std::unique_ptr<ServedModel>>& served() const { return served_; }

 private:
  std::vector<std::unique_ptr<ServedModel>> served_;
  std::map<std::string, Versions> models_;
  absl::flat_hash_map<absl::string_view, const Versions*> by_name_;  // keys live in models_
  // The newest served version of each model that has one.
  absl::flat_hash_map<absl::string_view, const ServedModel*> newest_;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_MODEL_TABLE_H_
