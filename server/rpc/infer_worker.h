// One thread that answers ModelInfer calls: it takes every call that has come to its completion
// queue, evaluates them as one batch for each model, and answers. Nobody waits while the thread is
// idle, and batches grow with the load by themselves.

#ifndef MLP_SERVER_RPC_INFER_WORKER_H_
#define MLP_SERVER_RPC_INFER_WORKER_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "server/batching/batch.h"
#include "server/observe/metrics.h"
#include "server/rpc/completion_loop.h"
#include "server/rpc/infer_call.h"
#include "server/rpc/model_table.h"

namespace mlp {

class InferWorker final {
 public:
  // The service, the models and the metrics must outlive the worker. Call Start once the server
  // that the queue comes from has been built.
  InferWorker(InferCall::Service& service, const ModelTable& models, Metrics& metrics,
              std::unique_ptr<grpc::ServerCompletionQueue> queue);

  // Posts `calls` calls and starts the thread.
  void Start(int calls);

  // Answers every request that comes from now on with UNAVAILABLE. Thread-safe.
  void Refuse() { refusing_.store(true, std::memory_order_relaxed); }

  // How many requests have come so far. Thread-safe.
  std::int64_t arrivals() const { return arrivals_.load(std::memory_order_relaxed); }

  // Whether the thread evaluates, and so does not look for requests that have come. Thread-safe.
  bool evaluating() const { return evaluating_.load(std::memory_order_relaxed); }

  // Ends the thread. Call it once, after Start, when the server has been shut down.
  void Stop();

 private:
  // The calls for one model that are evaluated next.
  struct Lane {
    struct Rider {
      InferCall* call;
      std::int64_t first_row;
    };
    explicit Lane(const ServedModel& served);

    const ServedModel& model;
    Batch batch;
    std::vector<Rider> riders;
  };

  void Arrived(InferCall& call);
  void EvaluateArrived();
  void Evaluate(Lane& lane);
  Lane& LaneOf(const ServedModel& model);

  InferCall::Service& service_;
  const ModelTable& models_;
  Metrics& metrics_;
  CompletionLoop loop_;
  std::atomic<bool> refusing_ = false;
  std::atomic<std::int64_t> arrivals_ = 0;  // written by the thread alone
  std::atomic<bool> evaluating_ = false;
  std::deque<InferCall> calls_;
  std::vector<InferCall*> arrived_;         // in the order of their arrival
  std::vector<std::optional<Lane>> lanes_;  // by ServedModel::index; made when first needed
  std::thread thread_;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_INFER_WORKER_H_
