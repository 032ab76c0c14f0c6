// The state of one thread for one model: the waiting requests, the batch that is evaluated next,
// and how long that takes.

#ifndef MLP_SERVER_RPC_INFER_LANE_H_
#define MLP_SERVER_RPC_INFER_LANE_H_

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "server/batching/batch.h"
#include "server/batching/busy_threads.h"
#include "server/batching/evaluation_cost.h"
#include "server/batching/model_queue.h"
#include "server/batching/split_choice.h"
#include "server/observe/thread_counts.h"
#include "server/rpc/infer_job.h"
#include "server/served_models/served_model.h"

namespace mlp {

// Not thread-safe.
class InferLane final {
 public:
  using Clock = std::chrono::steady_clock;

  // Called for each request whose answer has been written; sends it.
  using Answered = std::function<void(std::unique_ptr<InferJob>)>;
  // Called for each request that the queue refuses; answers it.
  using Refused = std::function<void(std::unique_ptr<InferJob>, RejectionReason)>;

  // `busy` must outlive the lane.
  InferLane(std::shared_ptr<const ServedModel> model, BusyThreads& busy, Answered answered,
            Refused refused);

  const std::shared_ptr<const ServedModel>& model() const { return model_; }
  const EvaluationCost& cost() const { return cost_; }
  const ModelQueue<InferJob>& queue() const { return queue_; }

  // False if the model's own limit is reached; `job` then stays with the caller.
  bool Push(std::unique_ptr<InferJob>& job) { return queue_.Push(job); }

  using Seconds = EvaluationCost::Seconds;

  // The time for the waiting rows, for the rows ahead of a request of `rows` rows, and for `rows`
  // rows.
  Seconds WaitingTime() const { return TimeOf(queue_.waiting_rows()); }
  Seconds TimeBefore(std::int64_t rows) const { return TimeOf(queue_.RowsBefore(rows)); }
  Seconds TimeOf(std::int64_t rows) const { return cost_.per_row() * static_cast<double>(rows); }

  // The time for its next batch, and for a full one.
  Seconds TurnTime() const;
  Seconds FullTurnTime() const { return TimeOf(cost_.RowsOfABatch(model_->max_batch_rows)); }

  // For the owner: whether it has listed the lane because requests wait, and since when some have
  // waited without a pause.
  bool listed = false;
  Clock::time_point listed_since;

  // Evaluates and answers one batch if it is time for one, or if `at_once`. Returns whether it did.
  bool EvaluateIfReady(Clock::time_point now, bool at_once);

 private:
  // Evaluates a batch of what was cut and writes its answers, which leave later. `start` is when
  // that began. If this throws bad_alloc, no answer may leave.
  void EvaluateCut(Clock::time_point start);
  void FillBatch();
  // Returns whether the batch may have been split.
  bool EvaluateBatch(NetworkActivity& activity);
  void WriteAnswers();
  // Keeps the results of a piece, or writes the answer if it is the last piece of its request.
  // Returns why that failed, or nullopt.
  std::optional<RejectionReason> Write(const BatchPiece<InferJob>& piece,
                                       std::int64_t row_in_batch);
  // If this throws bad_alloc, it has counted nothing.
  void Count(Clock::time_point start, Clock::time_point filled, Clock::time_point evaluated,
             ThreadCounts::Batch& counts);

  // Refuses the requests that the batch would have finished, and marks those that it would have
  // answered in part as given up.
  void GiveUpBatch();
  void Refuse(std::vector<BatchCut<InferJob>::Refusal>& refusals);

  const std::shared_ptr<const ServedModel> model_;
  BusyThreads& busy_;
  const Answered answered_;
  const Refused refused_;
  ModelQueue<InferJob> queue_;
  Batch batch_;
  EvaluationCost cost_;
  SplitChoice split_;
  ThreadCounts counts_;
  BatchCut<InferJob> cut_;
  std::vector<std::int64_t> rows_in_batch_;  // where each piece begins
  std::vector<std::unique_ptr<InferJob>> written_;
  std::vector<BatchCut<InferJob>::Refusal> failed_;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_INFER_LANE_H_
