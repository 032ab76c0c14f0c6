// Where other parts of the process submit inference requests. Passes each to one of the workers.

#ifndef MLP_SERVER_RPC_LOCAL_INFERENCE_H_
#define MLP_SERVER_RPC_LOCAL_INFERENCE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <utility>
#include <vector>

#include "server/batching/rejection_reason.h"
#include "server/rpc/infer_worker.h"
#include "server/rpc/local_infer_calls.h"

namespace mlp {

// Thread-safe.
class LocalInference final {
 public:
  // A request under way.
  struct Ticket {
    std::size_t worker = 0;
    std::uint64_t call = 0;
  };

  // The workers must outlive this, and must have been started.
  explicit LocalInference(const std::vector<std::unique_ptr<InferWorker>>& workers)
      : workers_(workers) {}

  // Like those of LocalInferCalls.
  Ticket Submit(LocalRequest request) {
    {
      const std::shared_lock lock(mutex_);
      if (!closed_) {
        const std::size_t worker = NextWorker();
        return {worker, workers_[worker]->local_calls().Submit(std::move(request))};
      }
    }
    request.done(LocalAnswer::Uncounted(RejectionReason::kStopping));
    return {};
  }
  void Cancel(Ticket ticket) {
    const std::shared_lock lock(mutex_);
    if (!closed_) workers_[ticket.worker]->local_calls().Cancel(ticket.call);
  }

  // Like that of LocalInferCalls. Afterwards, the workers may be destroyed.
  void Close(LocalInferCalls::Clock::time_point deadline) {
    for (const auto& worker : workers_) worker->local_calls().Close(deadline);
    const std::unique_lock lock(mutex_);
    closed_ = true;
  }

 private:
  // An idle worker or, if there is none, each in turn.
  std::size_t NextWorker() {
    const std::size_t first = turn_.fetch_add(1, std::memory_order_relaxed);
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      const std::size_t worker = (first + i) % workers_.size();
      if (!workers_[worker]->busy()) return worker;
    }
    return first % workers_.size();
  }

  const std::vector<std::unique_ptr<InferWorker>>& workers_;
  std::atomic<std::size_t> turn_ = 0;
  std::shared_mutex mutex_;  // guards the existence of the workers
  bool closed_ = false;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_LOCAL_INFERENCE_H_
