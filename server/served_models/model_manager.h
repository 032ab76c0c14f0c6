// Decides which models are served, and changes that: at the start, as the repository changes, or as
// clients ask for it.
//
// LoadedModels publishes what is served to a ModelCatalog. After the start, one thread of low
// priority loads models: it reads, packs and warms up a version while others are served, and then
// puts it in force in one exchange. A second thread unloads, so that a model can be taken out of
// service while another one is being loaded.

#ifndef MLP_SERVER_SERVED_MODELS_MODEL_MANAGER_H_
#define MLP_SERVER_SERVED_MODELS_MODEL_MANAGER_H_

#include <oneapi/tbb/task_arena.h>
#include <spdlog/logger.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "server/observe/metrics.h"
#include "server/repository/repository_watch.h"
#include "server/served_models/loaded_models.h"
#include "server/served_models/model_catalog.h"
#include "server/served_models/model_control.h"
#include "server/served_models/model_loader.h"
#include "server/served_models/model_requests.h"

namespace mlp {

struct ModelManagerOptions {
  std::filesystem::path repository;  // one of these two is set
  std::filesystem::path model_file;
  ModelControl control = ModelControl::kNone;  // kNone for a model_file
  std::chrono::seconds poll_interval{15};
  std::vector<std::string> load_at_start;  // with kExplicit: names, or "*" for all
  EvaluationOptions evaluation;
  // Whether the process has been asked to stop. A load checks this between two steps.
  std::function<bool()> interrupted = [] { return false; };
  // The most bytes of files of all waiting requests together. A request that waits alone may have
  // more.
  std::size_t most_waiting_bytes = std::size_t{256} << 20;
};

class ModelManager final {
 public:
  // The most loads that wait for the one under way, and the most unloads that wait for loads of
  // their model. Further ones are refused.
  static constexpr int kMaxWaiting = ModelRequests::kMaxWaiting;

  // Called once for each request with its outcome, on any thread.
  using Done = ModelRequests::Done;

  // All references must outlive the manager and the tables that it publishes.
  ModelManager(ModelManagerOptions options, ModelCatalog& catalog, Metrics& metrics,
               tbb::task_arena& arena, spdlog::logger& log);
  ~ModelManager();

  ModelManager(const ModelManager&) = delete;
  ModelManager& operator=(const ModelManager&) = delete;

  // Loads, on the caller's thread, what is served from the start. Fails if the server cannot start:
  // there is no repository, a model to be loaded at the start is not in it, or nothing is served
  // and no models can come later. CANCELLED once interrupted. Other refused models are only logged.
  absl::Status LoadStartSet();

  // Starts the threads, unless nothing can change. They call `changed` after each table that they
  // publish, one thread at a time. Call it once, after LoadStartSet.
  void Start(std::function<void()> changed);

  // OK if models are loaded and unloaded by request, otherwise UNAVAILABLE.
  absl::Status CheckRequestsAreTaken() const;

  // OK if files of `bytes` more may wait now, otherwise RESOURCE_EXHAUSTED. Thread-safe.
  absl::Status CheckRoomFor(std::size_t bytes) const;

  // Loads a model as it is now, in place of what is served of it. Calls `done` with OK once the
  // model is in force, or with the error: that of CheckRequestsAreTaken, INVALID_ARGUMENT for a
  // wrong name, NOT_FOUND for a model that is not in the repository, those of ModelLoader::Load,
  // RESOURCE_EXHAUSTED if too many requests or bytes of files already wait, and UNAVAILABLE once
  // the manager stops. Thread-safe.
  void Load(ModelLoadRequest request, Done done);

  // Takes a model out of service; requests that have found it are still answered. Waits only for
  // loads of this model that were requested earlier. NOT_FOUND for an unknown model; otherwise like
  // Load.
  void Unload(const std::string& model, Done done);

  // Gives up all requests, including the one under way: calls each `done` with UNAVAILABLE. After
  // this, `changed` is not called, and only Load and Unload themselves call a `done`. Does not
  // wait.
  void BeginStop();

  // Waits for the threads to end, which they do at the next check of the load under way. Returns
  // whether they have ended within `patience`. The manager must not be destroyed before they have.
  // Call it after BeginStop.
  bool WaitForEnd(std::chrono::milliseconds patience) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Clock = std::chrono::steady_clock;
  using Kind = ModelRequests::Kind;  // each has its own thread

  void Enqueue(ModelRequests::Request request);
  void StartThread(Kind kind, std::thread& thread) ABSL_LOCKS_EXCLUDED(mutex_);
  void Run(Kind kind) ABSL_LOCKS_EXCLUDED(mutex_);
  bool Interrupted() const;

  // Looks at the repository and takes over what has changed. Returns when to look again.
  Clock::time_point Look();
  Clock::time_point Poll();
  // Looks only at which models exist.
  void List();

  const ModelManagerOptions options_;
  spdlog::logger& log_;
  std::function<void()> changed_;
  ModelRequests requests_;
  ModelLoader loader_;
  LoadedModels models_;

  // Used by the loading thread only, once it runs.
  RepositoryWatch watch_;
  absl::Status last_look_;

  std::mutex mutex_;
  std::condition_variable ended_;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;  // threads
  std::thread load_thread_;
  std::thread unload_thread_;
};

}  // namespace mlp

#endif  // MLP_SERVER_SERVED_MODELS_MODEL_MANAGER_H_
