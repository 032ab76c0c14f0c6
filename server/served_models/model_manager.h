// Which models are served, and the changes of that: at the start, as the repository changes, or as
// clients ask for it.
//
// What is served lies in a ModelCatalog, which LoadedModels publishes to. After the start models
// are loaded on one thread of low priority: it reads, packs and warms up a version beside those
// that serve, and then puts it in force in one exchange. A second thread unloads, so that a model
// can be taken out of service while another one is being loaded.

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
  // Whether the process has been told to end, which a load looks at between two steps.
  std::function<bool()> interrupted = [] { return false; };
  // Of the files of the requests that wait together; a request that waits alone may have more.
  std::size_t most_waiting_bytes = std::size_t{256} << 20;
};

class ModelManager final {
 public:
  // Loads that wait for the one that is at work, and unloads that wait for loads of their model;
  // more of either are refused.
  static constexpr int kMostWaiting = ModelRequests::kMostWaiting;

  // Called once for each request with its outcome, on any thread.
  using Done = ModelRequests::Done;

  // All of these must outlive the manager and the tables that it publishes.
  ModelManager(ModelManagerOptions options, ModelCatalog& catalog, Metrics& metrics,
               tbb::task_arena& arena, spdlog::logger& log);
  ~ModelManager();

  ModelManager(const ModelManager&) = delete;
  ModelManager& operator=(const ModelManager&) = delete;

  // Loads, on the caller's thread, what is to be served from the start. Fails if the server cannot
  // start: there is no repository, a named model is not in it or, unless models may come later,
  // nothing is served. CANCELLED once it is interrupted. Models that are refused beside others are
  // logged.
  absl::Status LoadStartSet();

  // Starts the threads, unless nothing can change. They call `changed` after each table that they
  // publish, one of them at a time. Call it once, after LoadStartSet.
  void Start(std::function<void()> changed);

  // OK where models are loaded and unloaded by request, and else UNAVAILABLE.
  absl::Status CheckRequestsAreTaken() const;

  // OK if files of `bytes` more may wait now, and else RESOURCE_EXHAUSTED. Thread-safe.
  absl::Status CheckRoomFor(std::size_t bytes) const;

  // Loads a model as it is now, in place of what is served of it. Calls `done` with OK once the
  // model is in force, or with the error: that of CheckRequestsAreTaken, INVALID_ARGUMENT for a
  // wrong name, NOT_FOUND for a model that is not in the repository, those of ModelLoader::Load,
  // RESOURCE_EXHAUSTED if too many requests or bytes of files wait already, and UNAVAILABLE once
  // the manager stops. Thread-safe.
  void Load(ModelLoadRequest request, Done done);

  // Takes a model out of service; requests that have found it are still answered. It waits for the
  // loads of this model that were asked for before, and for no others. NOT_FOUND for an unknown
  // model. Else as Load.
  void Unload(const std::string& model, Done done);

  // Gives up all requests, the one under way among them: calls each `done` with UNAVAILABLE. After
  // this, `changed` is not called, and only Load and Unload themselves call a `done`. Does not
  // wait.
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
  Clock::time_point Poll();
  // Only at which models there are.
  void List();

  const ModelManagerOptions options_;
  spdlog::logger& log_;
  std::function<void()> changed_;
  ModelRequests requests_;
  ModelLoader loader_;
  LoadedModels models_;

  // Of the thread that loads, once it runs.
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
