// Loads what a model's folder holds now beside what is served of it, so that whatever is wrong with
// the new leaves the old as it is.

#ifndef MLP_SERVER_SERVED_MODELS_MODEL_LOADER_H_
#define MLP_SERVER_SERVED_MODELS_MODEL_LOADER_H_

#include <oneapi/tbb/task_arena.h>
#include <spdlog/logger.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "model/formats/io/external_data.h"
#include "server/observe/metrics.h"
#include "server/repository/content_signature.h"
#include "server/repository/default_version.h"
#include "server/repository/model_interface.h"
#include "server/repository/model_repository.h"
#include "server/served_models/model_table.h"
#include "server/served_models/served_model.h"

namespace mlp {

// Where a model is loaded from.
struct ModelSource {
  std::filesystem::path folder;
  std::optional<ModelSettings> settings;  // in place of those of its config.pbtxt
  // Sent by a client and not in the repository: it has no data in other files, and where it is
  // refused it says nothing about versions that it has not.
  bool uploaded = false;
  // Whether somebody asks for this load, and so for other inputs and outputs too.
  bool asked_for = false;
};

// One version, as it was loaded last. Copies share what is served.
struct LoadedVersion {
  ModelRecord record;
  std::string content;  // the signature of its folder when what is served was read
};

// The inputs and outputs of versions in a model's folder, served or not.
struct SeenInterface {
  std::string content;  // the signature of the version's folder when they were read
  ModelInterface interface;
};
using SeenInterfaces = std::map<std::int64_t, SeenInterface>;

// One model, as it was loaded last.
struct LoadedModel {
  std::map<std::int64_t, LoadedVersion> versions;  // 0 where there is none
  std::map<std::string, std::int64_t> labels;
  DefaultVersion by_default;
  ContentSignature content;  // of its folder, when it was last looked at
  SeenInterfaces seen;

  bool served() const;
  // Null where the version is not served.
  const ServedModel* ServedVersion(std::int64_t version) const;
};

// Not thread-safe.
class ModelLoader final {
 public:
  // `arena`, `metrics` and `log` must outlive the loader and what it loads. `interrupted` is asked,
  // between two steps of a load, whether the server ends: once it said so, nothing is loaded any
  // more.
  ModelLoader(const EvaluationOptions& options, tbb::task_arena& arena, Metrics& metrics,
              spdlog::logger& log, std::function<bool()> interrupted)
      : options_(options),
        arena_(arena),
        metrics_(metrics),
        log_(log),
        asked_to_end_(std::move(interrupted)) {}

  // What files beside a model's own may hold, `root` being the folder that their links stay below.
  ExternalData ExternalDataBelow(const std::filesystem::path& root) const {
    return {true, root, options_.external_data_hard_links};
  }

  // Told which versions are about to be loaded.
  using Announce = std::function<void(const std::vector<std::int64_t>&)>;

  // Brings `model`, called `name`, to what `source` holds, and logs and counts what became of each
  // version that was loaded for it. A version whose files are as they were is not loaded again,
  // whatever its settings. One that cannot be loaded is UNAVAILABLE, or goes on as it is where it
  // is served, both with the reason; where there is such a one, no version is given up either,
  // unless its folder is gone. The same holds for all versions where the settings are wrong.
  //
  // The first of these errors, naming model and version, or OK. NOT_FOUND for a missing folder or
  // version, RESOURCE_EXHAUSTED for too little memory, ABORTED for files that changed while they
  // were read, UNAVAILABLE if it was interrupted, which is neither logged as an error nor counted
  // and leaves `model` as it was, INVALID_ARGUMENT for all else that is refused. That includes a
  // served version whose files now have other inputs or outputs, unless the load is asked for.
  absl::Status Load(const std::string& name, const ModelSource& source, const Announce& announce,
                    LoadedModel& model);

  // Serves `version`, which has a network. CANCELLED where it was interrupted, RESOURCE_EXHAUSTED
  // where there is too little memory.
  absl::StatusOr<ModelRecord> Serve(ModelVersion version);

 private:
  // Once it is true, it stays so: the steps of a load agree.
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

  // Adds to the versions that the policy has `chosen`, of those `found`, the one that has to be the
  // default; what decides on that.
  DefaultChoice ChooseWithDefault(const ModelSource& source, const ModelSettings& settings,
                                  const std::vector<std::int64_t>& found, LoadedModel& model,
                                  std::vector<std::int64_t>& chosen);
  absl::StatusOr<ModelInterface> SeeInterface(const ModelSource& source,
                                              const ModelSettings& settings, std::int64_t version,
                                              LoadedModel& model);
  // The inputs and outputs that decide, and none where no version `found` tells them, or memory is
  // too short to tell.
  std::optional<EstablishedInterface> SeeEstablished(const ModelSource& source,
                                                     const ModelSettings& settings,
                                                     const std::vector<std::int64_t>& found,
                                                     LoadedModel& model);
  // Where the version that was to be the default is refused, and nothing else served can be it,
  // loads the newest of the older ones that can.
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
