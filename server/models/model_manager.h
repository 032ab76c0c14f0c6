// Which models are served, and the changes of that: at the start, as the repository changes, or as
// clients ask for it.
//
// What is served lies in a ModelCatalog, which this alone publishes to. After the start models are
// loaded on one thread of its own, of low priority: a version is read, packed and warmed up there,
// beside those that serve, and then put in force in one exchange. A second thread unloads, so that
// a model can be taken out of service while another one is being loaded.

#ifndef MLP_SERVER_MODELS_MODEL_MANAGER_H_
#define MLP_SERVER_MODELS_MODEL_MANAGER_H_

#include <oneapi/tbb/task_arena.h>
#include <spdlog/logger.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/models/model_catalog.h"
#include "server/models/model_control.h"
#include "server/models/model_loader.h"
#include "server/models/model_requests.h"
#include "server/models/uploaded_model.h"
#include "server/observe/metrics.h"
#include "server/repository/repository_watch.h"

namespace mlp {

struct ModelManagerOptions {
  std::filesystem::path repository;  // one of these two is set
  std::filesystem::path model_file;
  ModelControl control = ModelControl::kNone;  // kNone for a model_file
  std::chrono::seconds poll_interval{15};
  std::vector<std::string> load_at_start;  // with kExplicit: names, or "*" for all
  EvaluationOptions evaluation;
  // Whether the process has been told to end, which a load looks at between two steps.
  std::function<bool()> interrupted = [] { return false; };
  // Of the files of the requests that wait together; a request that waits alone may have more.
  std::size_t most_waiting_bytes = std::size_t{256} << 20;
};

// What a client asks to be loaded: a model of the repository, or one that it has sent.
struct ModelLoadRequest {
  std::string model;
  std::optional<ModelSettings> settings;  // in place of the repository's
  std::vector<UploadedFile> files;        // all of the model's versions, where there are any
};

class ModelManager final {
 public:
  // Loads that wait for the one that is at work, and unloads that wait for loads of their model;
  // more of either are refused.
  static constexpr int kMostWaiting = ModelRequests::kMostWaiting;

  // Told what became of a request, on any thread, once.
  using Done = ModelRequests::Done;

  // All of these must outlive the manager and the tables that it publishes.
  ModelManager(ModelManagerOptions options, ModelCatalog& catalog, Metrics& metrics,
               tbb::task_arena& arena, spdlog::logger& log);
  ~ModelManager();

  ModelManager(const ModelManager&) = delete;
  ModelManager& operator=(const ModelManager&) = delete;

  // Loads, on the caller's thread, what is to be served from the start. An error is one that the
  // server cannot start with: no repository, a model named that it has not or, unless models may
  // come later, nothing to serve; or CANCELLED once it was interrupted. Models that are refused
  // beside others are logged.
  absl::Status LoadStartSet();

  // Starts the threads, unless nothing can change. `changed` is called after each table that they
  // have published, by one of them at a time. Call it once, after LoadStartSet.
  void Start(std::function<void()> changed);

  // OK where models are loaded and unloaded by request, and else UNAVAILABLE.
  absl::Status CheckRequestsAreTaken() const;

  // Whether a load with files of so many bytes may wait beside those that wait now, or else
  // RESOURCE_EXHAUSTED. Thread-safe.
  absl::Status CheckRoomFor(std::size_t bytes) const;

  // Loads a model as it is now, beside what is served of it, or anew. `done` is told when it has
  // been put in force, or of the error: that of CheckRequestsAreTaken, INVALID_ARGUMENT for a name
  // that is none, NOT_FOUND for a model that is not in the repository, those of ModelLoader::Load,
  // RESOURCE_EXHAUSTED where too many requests or bytes of files wait already, and UNAVAILABLE once
  // the manager stops. Thread-safe.
  void Load(ModelLoadRequest request, Done done);

  // Takes a model out of service; requests that have found it are still answered. It waits for the
  // loads of this model that were asked for before, and for no others. NOT_FOUND for one that there
  // is not. Else as Load.
  void Unload(const std::string& model, Done done);

  // Gives up all requests, the one that is under way among them, which are told so. After this,
  // neither `changed` is called nor a `done` but by Load and Unload themselves. Does not wait.
  void BeginStop();

  // Waits until the threads have ended, at the next check of the load that is at work; whether they
  // have within `patience`. The manager must not be destroyed before. After BeginStop.
  bool WaitForEnd(std::chrono::milliseconds patience) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Clock = std::chrono::steady_clock;
  using Kind = ModelRequests::Kind;  // each has its thread

  void Enqueue(ModelRequests::Request request);
  void StartThread(Kind kind, std::thread& thread) ABSL_LOCKS_EXCLUDED(mutex_);
  void Run(Kind kind) ABSL_LOCKS_EXCLUDED(mutex_);
  bool Interrupted() const;

  // Looks at the repository, takes over what has changed, and tells when to look again.
  Clock::time_point Look();
  Clock::time_point Poll() ABSL_LOCKS_EXCLUDED(models_mutex_);
  // Only at which models there are.
  void List() ABSL_LOCKS_EXCLUDED(models_mutex_);

  // Whether a load tells at once what it does, or only as often as Publish is cheap.
  enum class Publishing { kAtOnce, kSparing };

  absl::Status LoadNamed(const std::string& name, Publishing publishing);
  absl::Status LoadRequested(const ModelLoadRequest& request) ABSL_LOCKS_EXCLUDED(models_mutex_);
  absl::Status UnloadRequested(const std::string& name) ABSL_LOCKS_EXCLUDED(models_mutex_);
  absl::Status LoadFrom(const std::string& name, const ModelSource& source, Publishing publishing)
      ABSL_LOCKS_EXCLUDED(models_mutex_);
  // Tells what is being loaded, until it has been.
  void SetLoading(std::vector<ModelRecord> loading) ABSL_LOCKS_EXCLUDED(models_mutex_);
  bool InRepository(const std::string& name) const;
  bool AnyServed() const ABSL_LOCKS_EXCLUDED(models_mutex_);
  // What a table has of the model: of models_, and of what is being loaded.
  ModelTable::Model ModelOf(const std::string& name) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(models_mutex_);
  // Puts in force what changed in models_, and what is being loaded; then gives back free memory,
  // unless a load only begins.
  void Publish(bool begins = false) ABSL_LOCKS_EXCLUDED(models_mutex_);
  // Publishes, unless kSparing and the time for it has not come yet.
  void PublishAs(Publishing publishing, bool begins) ABSL_LOCKS_EXCLUDED(models_mutex_);

  const ModelManagerOptions options_;
  ModelCatalog& catalog_;
  Metrics& metrics_;
  spdlog::logger& log_;
  std::function<void()> changed_;

  // Of the thread that loads, once it runs.
  ModelLoader loader_;
  RepositoryWatch watch_;
  absl::Status last_look_;
  Clock::time_point next_sparing_publish_;

  // Held while a table is made and put in force, never while a version is loaded.
  mutable std::mutex models_mutex_;
  std::map<std::string, LoadedModel> models_ ABSL_GUARDED_BY(models_mutex_);
  std::vector<ModelRecord> loading_ ABSL_GUARDED_BY(models_mutex_);  // of one model
  // With kExplicit: all models of the repository.
  std::shared_ptr<const ModelTable::Names> listed_ ABSL_GUARDED_BY(models_mutex_) =
      std::make_shared<const ModelTable::Names>();
  // The models that changed since the last table.
  std::set<std::string> unpublished_ ABSL_GUARDED_BY(models_mutex_);
  // The model that the last table shows as being loaded, or empty.
  std::string published_loading_ ABSL_GUARDED_BY(models_mutex_);

  ModelRequests requests_;

  std::mutex mutex_;
  std::condition_variable ended_;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;  // threads
  std::thread load_thread_;
  std::thread unload_thread_;
};

}  // namespace mlp

#endif  // MLP_SERVER_MODELS_MODEL_MANAGER_H_
