// Loads what a model's folder holds now while its old versions are served. If anything is wrong
// with the new, the old stays as it is.

#ifndef MLP_SERVER_SERVED_MODELS_MODEL_LOADER_H_
#define MLP_SERVER_SERVED_MODELS_MODEL_LOADER_H_

#include <oneapi/tbb/task_arena.h>
#include <spdlog/logger.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "model/formats/io/external_data.h"
#include "server/observe/metrics.h"
#include "server/repository/default_version.h"
#include "server/repository/model_interface.h"
#include "server/repository/model_repository.h"
#include "server/served_models/loaded_model.h"
#include "server/served_models/model_table.h"
#include "server/served_models/served_model.h"

namespace mlp {

// Where a model is loaded from.
struct ModelSource {
  std::filesystem::path folder;
  std::optional<ModelSettings> settings;  // instead of those in its config.pbtxt
  // Sent by a client, and not in the repository. Such a model has no external data files. If it is
  // refused, versions that it does not contain stay as they are.
  bool uploaded = false;
  // Whether somebody asks for this load, and so accepts other inputs and outputs too.
  bool asked_for = false;
};

// Not thread-safe.
class ModelLoader final {
 public:
  // `arena`, `metrics` and `log` must outlive the loader and what it loads. Between two steps of a
  // load, `interrupted` is asked whether the server is stopping. Once it has returned true, nothing
  // more is loaded.
  ModelLoader(const EvaluationOptions& options, tbb::task_arena& arena, Metrics& metrics,
              spdlog::logger& log, std::function<bool()> interrupted)
      : options_(options),
        arena_(arena),
        metrics_(metrics),
        log_(log),
        asked_to_end_(std::move(interrupted)) {}

  // How external data files beside a model may be read. Their links must stay below `root`.
  ExternalData ExternalDataBelow(const std::filesystem::path& root) const {
    return {true, root, options_.external_data_hard_links};
  }

  // Called with the versions that are about to be loaded.
  using Announce = std::function<void(const std::vector<std::int64_t>&)>;

  // Brings `model`, called `name`, to what `source` holds. Logs and counts the outcome of each
  // version that is loaded for it. A version is loaded again only if its files, its model_filename
  // or the storage of its weights have changed; other settings do not matter. A version that cannot
  // be loaded is UNAVAILABLE, or stays as it is if it is served; the reason is recorded in both
  // cases. Then no other version is withdrawn either, unless its folder is gone. The same holds for
  // all versions if the settings are wrong.
  //
  // Returns the first of these errors, with model and version, or OK. NOT_FOUND for a missing
  // folder or version, RESOURCE_EXHAUSTED for too little memory, ABORTED for files that changed
  // while they were read. UNAVAILABLE if the load was interrupted: this is neither logged as an
  // error nor counted, and leaves `model` as it was. INVALID_ARGUMENT for everything else that is
  // refused. That includes a served version whose files now have other inputs or outputs, unless
  // somebody asks for the load.
  absl::Status Load(const std::string& name, const ModelSource& source, const Announce& announce,
                    LoadedModel& model);

  // Serves `version`, which must have a network. CANCELLED if it was interrupted,
  // RESOURCE_EXHAUSTED if there is too little memory.
  absl::StatusOr<ModelRecord> Serve(ModelVersion version);

 private:
  // Once true, it stays true, so that all steps of a load agree.
  bool Interrupted() { return interrupted_ = interrupted_ || asked_to_end_(); }

  LoadedVersion LoadOne(const std::string& name, const ModelSource& source, std::int64_t version,
                        const ModelSettings& settings, const LoadedModel& before,
                        absl::Status& status);
  LoadedVersion KeepOne(const ModelSource& source, const ModelSettings& settings,
                        const LoadedVersion& before, absl::Status& status);
  absl::Status LoadChosen(const std::string& name, const ModelSource& source,
                          const ModelSettings& settings, const std::vector<std::int64_t>& found,
                          const Announce& announce, LoadedModel& model);
  bool CanKeep(const LoadedModel& model, std::int64_t version, const ModelSettings& settings) const;
  absl::Status RefuseAll(const std::string& name, const absl::Status& status,
                         const std::vector<std::int64_t>& versions, LoadedModel& model);

  // Adds the version that must be the default to `chosen`, which the policy has chosen from
  // `found`. Returns what decides on the default.
  DefaultChoice ChooseWithDefault(const ModelSource& source, const ModelSettings& settings,
                                  const std::vector<std::int64_t>& found, LoadedModel& model,
                                  std::vector<std::int64_t>& chosen);
  absl::StatusOr<ModelInterface> SeeInterface(const ModelSource& source,
                                              const ModelSettings& settings, std::int64_t version,
                                              LoadedModel& model);
  // The inputs and outputs that decide. None if no version in `found` establishes them, or if there
  // is too little memory to find out.
  std::optional<EstablishedInterface> SeeEstablished(const ModelSource& source,
                                                     const ModelSettings& settings,
                                                     const std::vector<std::int64_t>& found,
                                                     LoadedModel& model);
  // If the intended default is refused and no other served version can be the default, loads the
  // newest older version that can.
  void LoadAnOlderDefault(const std::string& name, const ModelSource& source,
                          const ModelSettings& settings, const std::vector<std::int64_t>& found,
                          const DefaultChoice& choice, LoadedModel& model);
  static void SetDefault(const DefaultChoice& choice, LoadedModel& model);

  const EvaluationOptions options_;
  tbb::task_arena& arena_;
  Metrics& metrics_;
  spdlog::logger& log_;
  const std::function<bool()> asked_to_end_;
  bool interrupted_ = false;
};

}  // namespace mlp

#endif  // MLP_SERVER_SERVED_MODELS_MODEL_LOADER_H_
