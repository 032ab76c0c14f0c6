// A thread that looks after all workers now and then, so that they can sleep while nothing comes.
// It detects a worker that gRPC keeps from its first event after a rest, and tells all workers to
// release models that are gone.

#ifndef MLP_SERVER_RPC_WORKER_WATCH_H_
#define MLP_SERVER_RPC_WORKER_WATCH_H_

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "server/rpc/infer_worker.h"
#include "server/served_models/model_catalog.h"

namespace mlp {

class WorkerWatch final {
 public:
  // Starts to look. The models and the workers, which must have been started, must outlive the
  // watch. Stop the workers after it has been destroyed.
  WorkerWatch(const ModelCatalog& models, const std::vector<std::unique_ptr<InferWorker>>& workers);
  ~WorkerWatch();
  WorkerWatch(const WorkerWatch&) = delete;
  WorkerWatch& operator=(const WorkerWatch&) = delete;

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);

  const ModelCatalog& models_;
  const std::vector<std::unique_ptr<InferWorker>>& workers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_WORKER_WATCH_H_
