// What one thread has for one model: the requests that wait, the batch that is evaluated next, and
// how long that takes.

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

  // False, and `job` stays with the caller, where the model's own limit is reached.
  bool Push(std::unique_ptr<InferJob>& job) { return queue_.Push(job); }

  using Seconds = EvaluationCost::Seconds;

  // How long the rows take that wait, and those that go before a request of `rows` rows.
  Seconds WaitingTime() const { return TimeOf(queue_.waiting_rows()); }
  Seconds TimeBefore(std::int64_t rows) const { return TimeOf(queue_.RowsBefore(rows)); }
  Seconds TimeOf(std::int64_t rows) const { return cost_.per_row() * static_cast<double>(rows); }

  // How long its next batch takes, and one that is full.
  Seconds TurnTime() const;
  Seconds FullTurnTime() const { return TimeOf(cost_.RowsOfABatch(model_->max_batch_rows)); }

  // Whether the owner knows that requests wait, and since when some have without a pause. For the
  // owner.
  bool listed = false;
  Clock::time_point listed_since;

  // Evaluates and answers one batch if it is time for one, or `at_once`; whether it did.
  bool EvaluateIfReady(Clock::time_point now, bool at_once);

 private:
  // Evaluates a batch of what was cut and writes its answers, which leave later. `start` is when
  // that began. Throws bad_alloc, and none may leave then.
  void EvaluateCut(Clock::time_point start);
  void FillBatch();
  // Whether it may have been split.
  bool EvaluateBatch(NetworkActivity& activity);
  void WriteAnswers();
  // What becomes of a piece's request, if this was its last piece.
  std::optional<RejectionReason> Write(const BatchPiece<InferJob>& piece,
                                       std::int64_t row_in_batch);
  // Throws bad_alloc, and has counted nothing then.
  void Count(Clock::time_point start, Clock::time_point filled, Clock::time_point evaluated,
             ThreadCounts::Batch& counts);

  // Refuses what the batch would have answered, and gives up what it would have answered in part.
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
