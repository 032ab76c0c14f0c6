// One thread, and one that takes its place while gRPC keeps it, that answer ModelInfer and
// ModelStreamInfer calls: they take every request that has come to their completion queue, and
// evaluate and answer a batch for each model; and again. Nobody waits while the thread is idle, and
// batches grow with the load by themselves.

#ifndef MLP_SERVER_RPC_INFER_WORKER_H_
#define MLP_SERVER_RPC_INFER_WORKER_H_

#include <grpcpp/alarm.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "server/batching/admission_control.h"
#include "server/batching/answer_budget.h"
#include "server/batching/busy_threads.h"
#include "server/models/model_catalog.h"
#include "server/observe/metrics.h"
#include "server/rpc/completion_loop.h"
#include "server/rpc/infer_call.h"
#include "server/rpc/infer_lane.h"
#include "server/rpc/infer_service.h"
#include "server/rpc/infer_stream.h"
#include "server/rpc/open_streams.h"
#include "server/rpc/request_wire.h"

namespace mlp {

class InferWorker final : private InferCall::Owner, private InferStream::Owner {
 public:
  // What all workers share.
  struct Limits {
    AdmissionControl& admission;
    AnswerBudget& answers;
    OpenStreams& streams;
    std::chrono::seconds answer_patience;  // for a client that does not take an answer
  };

  // All of these must outlive the worker. Call Start once the server that the queue comes from has
  // been built.
  InferWorker(InferService& service, const ModelCatalog& models, Limits limits, BusyThreads& busy,
              Metrics& metrics, std::unique_ptr<grpc::ServerCompletionQueue> queue);

  // Where others may have their calls completed by this worker's thread, between batches.
  CompletionLoop& loop() { return loop_; }

  // Posts the first calls and starts the threads.
  void Start();

  // For one other thread, which calls it now and then between Start and BeginStop: the worker
  // sleeps while nothing comes. `models_changed` since the call before.
  void LookAfter(bool models_changed);

  // Answers every request that comes from now on with UNAVAILABLE, evaluates at once what waits,
  // and ends all streams. Call it once, from another thread, between Start and Stop.
  void Refuse();

  // How many requests have come so far. Thread-safe.
  std::int64_t arrivals() const { return arrivals_.load(std::memory_order_relaxed); }

  // Whether requests wait or are evaluated; then the thread may not have looked for others that
  // have come. Thread-safe.
  bool busy() const { return busy_.load(std::memory_order_relaxed); }

  // Ends the threads: tells them to, and waits for them. Call each once, in this order, after
  // Start, when the server has been shut down.
  void BeginStop();
  void Stop();

 private:
  using Clock = std::chrono::steady_clock;

  // Does nothing but end the thread's wait.
  struct WakeTag final : public CompletionTag {
    void Complete(bool /*ok*/) override {}
  };

  void Arrived(InferCall& call, grpc::ByteBuffer& message) override;
  void Over(InferCall& call) override;
  void Opened(InferStream& stream) override;
  void Arrived(InferJob& job, grpc::ByteBuffer& message) override;
  void Over(InferStream& stream) override;

  void PostCalls(int least);  // until so many are posted
  InferStream& PostStream();
  void Submit(InferJob& job, grpc::ByteBuffer& message);
  void Refuse(InferJob& job, RejectionReason reason, const absl::Status& status);
  void Refuse(InferJob& job, RejectionReason reason) { Refuse(job, reason, StatusOf(reason)); }
  void Release(InferJob& job);
  // Decides on the request, and puts it into its queue or refuses it.
  void Admit(InferJob& job, grpc::ByteBuffer& message);

  // InferJob::Read, which may find too little memory.
  std::optional<InferJob::Refusal> Read(InferJob& job, grpc::ByteBuffer& message);
  // What goes before the request that `wire_` tells of, which has `bytes` bytes.
  AdmissionControl::Standing StandingOf(std::int64_t bytes, Clock::time_point now) const;
  InferLane& LaneOf(const std::shared_ptr<const ServedModel>& model);
  void Enqueue(InferJob& job);

  // Evaluates a batch of each model that is ready; gives the time of the next.
  Clock::time_point EvaluateRound();
  bool HasCallsUnderWay() const;
  void DropLanesOfModelsThatWent();
  void EndStreamsOnceRefusing();
  // Cancels calls whose clients have not taken an answer for too long. Not more often than now and
  // then.
  void CancelUntakenAnswers(Clock::time_point now);

  InferCall::Owner& call_owner_ = *this;  // as those who are not the worker see it
  InferStream::Owner& stream_owner_ = *this;
  InferService& service_;
  const Limits limits_;
  BusyThreads& busy_threads_;
  Metrics& metrics_;
  CatalogView models_;
  CompletionLoop loop_;
  std::atomic<bool> refusing_ = false;
  std::atomic<std::int64_t> arrivals_ = 0;  // written by one thread at a time
  std::atomic<bool> busy_ = false;
  bool streams_ended_ = false;

  std::vector<std::unique_ptr<InferCall>> idle_calls_;
  absl::flat_hash_map<InferCall*, std::unique_ptr<InferCall>> calls_;  // posted or under way
  int posted_ = 0;
  absl::flat_hash_map<InferStream*, std::unique_ptr<InferStream>> streams_;
  absl::flat_hash_map<const ServedModel*, std::unique_ptr<InferLane>> lanes_;
  std::vector<InferLane*> waiting_;  // the lanes with requests, in their turn
  // Sums over waiting_: until nothing waits, and until each has had one batch.
  InferLane::Seconds waiting_time_{0};
  InferLane::Seconds turn_time_{0};
  RequestWire wire_;
  bool short_of_answer_bytes_ = false;  // since answers were cancelled last
  Clock::time_point last_cancelled_;
  bool models_changed_ = false;  // so that a lane's model may have gone
  grpc::Alarm wake_alarm_;
  WakeTag wake_;
  std::thread thread_;
  std::thread relief_;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_INFER_WORKER_H_
