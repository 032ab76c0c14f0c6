// The loaded models: loads and unloads them, and publishes the result.
//
// Loads belong to one thread at a time, and so do unloads. One thread may unload a model while
// another loads a different one.

#ifndef MLP_SERVER_SERVED_MODELS_LOADED_MODELS_H_
#define MLP_SERVER_SERVED_MODELS_LOADED_MODELS_H_

#include <oneapi/tbb/task_arena.h>
#include <spdlog/logger.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "server/observe/metrics.h"
#include "server/repository/content_signature.h"
#include "server/served_models/model_catalog.h"
#include "server/served_models/model_loader.h"
#include "server/served_models/model_table.h"
#include "server/served_models/uploaded_model.h"

namespace mlp {

// What a client asks to load: a model of the repository, or one that it sends.
struct ModelLoadRequest {
  std::string model;
  std::optional<ModelSettings> settings;  // in place of the repository's
  std::vector<UploadedFile> files;        // all of the model's versions, if it sends any
};

class LoadedModels final {
 public:
  // Whether a load publishes each change immediately, or only as often as that is cheap.
  enum class Publishing { kAtOnce, kSparing };

  // `published` is called after each table and returns whether the server is running; only then is
  // free memory given back. The references must outlive this object and the tables. `loader` has no
  // other user.
  LoadedModels(std::filesystem::path repository, ModelLoader& loader, ModelCatalog& catalog,
               Metrics& metrics, spdlog::logger& log, std::function<bool()> published);

  LoadedModels(const LoadedModels&) = delete;
  LoadedModels& operator=(const LoadedModels&) = delete;

  // Loads the model of one file, and publishes it.
  absl::Status LoadFile(const std::filesystem::path& file) ABSL_LOCKS_EXCLUDED(mutex_);

  // Loads a model as it is in the repository now. The last change is not published. Errors are
  // logged and recorded in the table.
  absl::Status Load(const std::string& name, Publishing publishing) ABSL_LOCKS_EXCLUDED(mutex_);

  // Loads what a client asks for, and publishes it.
  absl::Status Load(const ModelLoadRequest& request) ABSL_LOCKS_EXCLUDED(mutex_);

  // Takes a model out of service, and publishes that. NOT_FOUND for an unknown model.
  absl::Status Unload(const std::string& name) ABSL_LOCKS_EXCLUDED(mutex_);

  // Takes models that are gone from the repository out of service, and publishes that.
  void Remove(const std::vector<std::string>& names) ABSL_LOCKS_EXCLUDED(mutex_);

  // Sets the names of the models that could be loaded, sorted. Returns whether they have changed.
  // Does not publish them.
  bool SetListed(const ModelTable::Names& names) ABSL_LOCKS_EXCLUDED(mutex_);

  // For each model, the contents of its folder when it was last looked at.
  std::map<std::string, ContentSignature> Contents() const ABSL_LOCKS_EXCLUDED(mutex_);

  bool AnyServed() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Publishes what has changed and what is being loaded, then gives back free memory.
  void Publish() ABSL_LOCKS_EXCLUDED(mutex_) { PublishNow(/*load_begins=*/false); }

  // The same; with kSparing, only if it is time for it. Only for the loading thread.
  void Publish(Publishing publishing) ABSL_LOCKS_EXCLUDED(mutex_) {
    PublishAs(publishing, /*load_begins=*/false);
  }

 private:
  using Clock = std::chrono::steady_clock;

  absl::Status LoadFrom(const std::string& name, const ModelSource& source, Publishing publishing)
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status LoadUploaded(const ModelLoadRequest& request) ABSL_LOCKS_EXCLUDED(mutex_);
  // Sets what is being loaded; empty once that is done.
  void SetLoading(std::vector<ModelRecord> loading) ABSL_LOCKS_EXCLUDED(mutex_);
  bool InRepository(const std::string& name) const;
  // What a table shows of the model: from models_ and from what is being loaded.
  ModelTable::Model ModelOf(const std::string& name) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // When a load begins, there is no memory to give back yet.
  void PublishNow(bool load_begins) ABSL_LOCKS_EXCLUDED(mutex_);
  void PublishAs(Publishing publishing, bool load_begins) ABSL_LOCKS_EXCLUDED(mutex_);

  const std::filesystem::path repository_;
  ModelLoader& loader_;  // used by the loading thread only
  ModelCatalog& catalog_;
  Metrics& metrics_;
  spdlog::logger& log_;
  const std::function<bool()> published_;
  Clock::time_point next_sparing_publish_;  // used by the loading thread only

  // Held while a table is made and published, never while a version is loaded.
  mutable std::mutex mutex_;
  std::map<std::string, LoadedModel> models_ ABSL_GUARDED_BY(mutex_);
  std::vector<ModelRecord> loading_ ABSL_GUARDED_BY(mutex_);  // of one model
  std::shared_ptr<const ModelTable::Names> listed_ ABSL_GUARDED_BY(mutex_) =
      std::make_shared<const ModelTable::Names>();
  // The models that changed since the last table.
  std::set<std::string> unpublished_ ABSL_GUARDED_BY(mutex_);
  // The model that the last table shows as being loaded, or empty.
  std::string published_loading_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace mlp

#endif  // MLP_SERVER_SERVED_MODELS_LOADED_MODELS_H_
