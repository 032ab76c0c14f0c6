// A thread, and a second one that takes its place while gRPC keeps it. They answer the ModelInfer
// and ModelStreamInfer calls of a completion queue, and requests from other threads of the process.
// They take every request that has come, evaluate and answer a batch for each model, and repeat.

#ifndef MLP_SERVER_RPC_INFER_WORKER_H_
#define MLP_SERVER_RPC_INFER_WORKER_H_

#include <grpcpp/alarm.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>

#include "server/batching/busy_threads.h"
#include "server/observe/metrics.h"
#include "server/rpc/batch_scheduler.h"
#include "server/rpc/call_coroutine.h"
#include "server/rpc/completion_loop.h"
#include "server/rpc/infer_service.h"
#include "server/rpc/local_infer_calls.h"
#include "server/rpc/open_streams.h"
#include "server/rpc/stream_infer_calls.h"
#include "server/rpc/unary_infer_calls.h"
#include "server/served_models/model_catalog.h"

namespace mlp {

class InferWorker final {
 public:
  // What all workers share, and how long a client may take for an answer.
  struct Limits {
    BatchScheduler::Limits shared;
    OpenStreams& streams;
    std::chrono::seconds answer_patience;
    CallGate* gate = nullptr;  // null if callers are not checked
  };

  // All references must outlive the worker. Call Start once the server that the queue comes from
  // has been built.
  InferWorker(InferService& service, const ModelCatalog& models, Limits limits, BusyThreads& busy,
              Metrics& metrics, std::unique_ptr<grpc::ServerCompletionQueue> queue);

  // Others may have their calls completed on this worker's thread, between batches.
  CompletionLoop& loop() { return loop_; }

  // Takes requests from other threads, from Start until BeginStop.
  LocalInferCalls& local_calls() { return local_calls_; }

  // Posts the first calls and starts the threads.
  void Start();

  // Must be called now and then, by one other thread, between Start and BeginStop: the worker
  // sleeps while nothing comes. `models_changed`: since the previous call.
  void Maintain(bool models_changed);

  // From now on, answers every new request with UNAVAILABLE, evaluates waiting requests without
  // delay, and ends all streams. Call it once, from another thread, between Start and Stop.
  void Refuse();

  // Like those of BatchScheduler. Thread-safe.
  std::int64_t arrivals() const { return scheduler_.arrivals(); }
  bool busy() const { return scheduler_.busy(); }

  // BeginStop tells the threads to end, and Stop waits for them. Call each once, in this order,
  // after Start, when the server has been shut down.
  void BeginStop();
  void Stop();

 private:
  using Clock = BatchScheduler::Clock;

  // Acts on what has come. Returns the time of the next batch.
  Clock::time_point Act();
  // Cancels calls whose clients have not taken an answer for too long. Looks for them only now and
  // then.
  void CancelUnreadAnswers(Clock::time_point now);

  BusyThreads& busy_threads_;
  const std::chrono::seconds answer_patience_;
  LoopTurns::OfOneLoop turns_;
  CompletionLoop loop_;
  BatchScheduler scheduler_;
  UnaryInferCalls calls_;
  StreamInferCalls streams_;
  LocalInferCalls local_calls_;
  Clock::time_point last_cancelled_;
  grpc::Alarm wake_alarm_;
  Wakeup nobody_;
  CompletionTag wake_{nobody_};  // does nothing except end the thread's wait
  std::thread thread_;
  std::thread relief_;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_INFER_WORKER_H_
