// Decides on the requests that one thread takes, and evaluates a batch for each model that has
// waiting requests. No request waits while the thread is idle, and batches grow with the load.

#ifndef MLP_SERVER_RPC_BATCH_SCHEDULER_H_
#define MLP_SERVER_RPC_BATCH_SCHEDULER_H_

#include <grpcpp/support/byte_buffer.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "server/access/call_gate.h"
#include "server/batching/admission_control.h"
#include "server/batching/answer_budget.h"
#include "server/batching/busy_threads.h"
#include "server/observe/metrics.h"
#include "server/rpc/answer_slot.h"
#include "server/rpc/infer_job.h"
#include "server/rpc/infer_lane.h"
#include "server/rpc/request_log.h"
#include "server/rpc/request_wire.h"
#include "server/served_models/model_catalog.h"

namespace mlp {

// Belongs to one thread at a time, except where noted.
class BatchScheduler final {
 public:
  using Clock = std::chrono::steady_clock;

  // Shared by all threads.
  struct Limits {
    AdmissionControl& admission;
    AnswerBudget& answers;
    RequestLog* requests = nullptr;  // null for none
  };

  // All references must outlive the scheduler.
  BatchScheduler(const ModelCatalog& models, Limits limits, BusyThreads& busy, Metrics& metrics);

  // What a call knows of a request in addition to its bytes.
  struct Origin {
    Clock::time_point arrival;  // the earliest possible time, as far as is known
    Clock::time_point taken;    // when this thread got to it: now
    Clock::time_point deadline;
    // Names the connection that the answer goes to. Called only if AnswerBudget needs the name, and
    // before Submit returns.
    std::function<std::string()> connection;
    // The call's pass, which lives as long as the call. Null if callers are not checked.
    CallPass* pass = nullptr;
  };

  // Answers the request in `message`: `slot` gets the answer or the error, perhaps before this
  // returns.
  void Submit(grpc::ByteBuffer& message, const Origin& origin, AnswerSlot& slot);

  // Counts a request that was refused because of its caller, before it came here.
  void CountDenied(absl::StatusCode code) {
    metrics_.CountRefusalWithoutModel(RejectionReason::kDenied, code);
  }

  // Evaluates a batch of each model that is ready at `now`. Returns the time of the next batch, or
  // Clock::time_point::max() if nothing waits.
  Clock::time_point EvaluateRound(Clock::time_point now);

  // From now on, answers every new request with UNAVAILABLE, and evaluates waiting requests without
  // delay. Thread-safe.
  void Refuse() { refusing_.store(true, std::memory_order_relaxed); }
  bool refusing() const { return refusing_.load(std::memory_order_relaxed); }

  // Whether requests wait for a model that is gone, and keep it in memory.
  bool keeps_models() const { return models_changed_; }

  // Whether an answer was refused since the last call because too many others wait for their
  // clients to take them.
  bool WasShortOfAnswerBytes() { return std::exchange(short_of_answer_bytes_, false); }

  // How many requests have arrived so far. Thread-safe.
  std::int64_t arrivals() const { return arrivals_.load(std::memory_order_relaxed); }

  // Whether requests wait or are evaluated. Then the thread may not have seen others that have
  // arrived. Thread-safe.
  bool busy() const { return busy_.load(std::memory_order_relaxed); }

 private:
  using Job = std::unique_ptr<InferJob>;

  // Reads the request, decides on it and queues it. If it is refused, `job` still has it.
  std::optional<InferJob::Refusal> Admit(Job& job, grpc::ByteBuffer& message, const Origin& origin);
  std::optional<InferJob::Refusal> Read(InferJob& job, grpc::ByteBuffer& message);
  // Refuses the request that `wire_` describes before it is decoded, and counts it for its model.
  InferJob::Refusal RefuseUnread(InferJob& job, RejectionReason reason) const;
  // The queue ahead of the request that `wire_` describes, which has `bytes` bytes.
  AdmissionControl::Standing StandingOf(std::int64_t bytes, Clock::time_point now) const;
  InferLane& LaneOf(const std::shared_ptr<const ServedModel>& model);
  std::optional<InferJob::Refusal> Enqueue(Job& job, Clock::time_point now);
  // For a request without rows: there is nothing to evaluate, and nothing to wait for.
  std::optional<InferJob::Refusal> AnswerEmpty(Job& job);

  Job TakeJob();
  void SendAnswer(Job job);
  void SendError(Job job, const InferJob::Refusal& refusal);
  // Logs the request, if it was slow or failed.
  void Tell(const InferJob& job, const absl::Status& status);
  // Gives back what admission control counts of the request.
  void Leave(InferJob& job);
  void Keep(Job job);

  void DropLanesOfModelsThatWent();

  const Limits limits_;
  BusyThreads& busy_threads_;
  Metrics& metrics_;
  CatalogView models_;
  std::atomic<bool> refusing_ = false;
  std::atomic<std::int64_t> arrivals_ = 0;  // written by one thread at a time
  std::atomic<bool> busy_ = false;

  std::vector<Job> spare_jobs_;  // the last one used is the first to be reused
  absl::flat_hash_map<const ServedModel*, std::unique_ptr<InferLane>> lanes_;
  std::vector<InferLane*> waiting_;  // lanes with requests, in the order of their turns
  // Sums over waiting_: the time until nothing waits, and until each lane has had one batch.
  InferLane::Seconds waiting_time_{0};
  InferLane::Seconds turn_time_{0};
  RequestWire wire_;
  bool short_of_answer_bytes_ = false;
  bool models_changed_ = false;  // the model of a lane may be gone
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_BATCH_SCHEDULER_H_
