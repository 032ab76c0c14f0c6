#include "server/rpc/worker_watch.h"

#include <chrono>
#include <cstdint>
#include <utility>

namespace mlp {
namespace {

// The only thing that wakes an idle server's threads: less than twice a second.
constexpr std::chrono::milliseconds kBetweenLooks(600);

}  // namespace

WorkerWatch::WorkerWatch(const ModelCatalog& models,
                         const std::vector<std::unique_ptr<InferWorker>>& workers)
    : models_(models), workers_(workers), thread_([this] { Run(); }) {}

WorkerWatch::~WorkerWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  thread_.join();
}

void WorkerWatch::Run() {
  std::int64_t generation = -1;
  const auto stopping = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return stopping_; };
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, kBetweenLooks, stopping)) return;
    }
    const std::int64_t last_generation = std::exchange(generation, models_.generation());
    for (const std::unique_ptr<InferWorker>& worker : workers_) {
      worker->Maintain(/*models_changed=*/generation != last_generation);
    }
  }
}

}  // namespace mlp
