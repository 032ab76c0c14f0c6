#include "server/rpc/infer_lane.h"

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

#include "server/batching/queue_load.h"
#include "server/memory_room.h"

namespace mlp {

InferLane::InferLane(std::shared_ptr<const ServedModel> model, BusyThreads& busy, Answered answered,
                     Refused refused)
    : model_(std::move(model)),
      busy_(busy),
      answered_(std::move(answered)),
      refused_(std::move(refused)),
      queue_(model_->settings.scheduling, *model_->queue_load, model_->max_batch_rows),
      batch_(*model_->evaluator, model_->max_batch_rows),
      cost_(model_->network->parameter_count()),
      split_(model_->evaluator->threads()),
      counts_(model_->instruments.sums, *model_->network) {}

InferLane::Seconds InferLane::TurnTime() const {
  return TimeOf(std::min(queue_.waiting_rows(), cost_.RowsOfABatch(model_->max_batch_rows)));
}

bool InferLane::EvaluateIfReady(Clock::time_point now, bool at_once) {
  if (queue_.empty() || (!at_once && queue_.ReadyAt() > now)) return false;
  const QueueLoad::Counted counted =
      model_->queue_load->Begin(model_->settings.scheduling.instances);
  if (counted == nullptr) return false;
  queue_.SetMostRows(cost_.RowsOfABatch(model_->max_batch_rows));
  try {
    queue_.Cut(now, cost_.least_per_row(), cut_);
  } catch (const std::bad_alloc&) {
    return false;  // it waits until there is memory, or its clients go
  }
  Refuse(cut_.refused);
  if (!cut_.pieces.empty()) {
    try {
      EvaluateCut(now);
    } catch (const std::bad_alloc&) {
      GiveUpBatch();
    }
    // Nothing fails from here on: no answer leaves before all of them may.
    for (std::unique_ptr<InferJob>& job : written_) answered_(std::move(job));
    Refuse(failed_);
    batch_.Clear();
    written_.clear();
    failed_.clear();
  }
  cut_.Clear();
  return true;
}

void InferLane::Refuse(std::vector<BatchCut<InferJob>::Refusal>& refusals) {
  for (BatchCut<InferJob>::Refusal& refusal : refusals) {
    refused_(std::move(refusal.request), refusal.reason);
  }
}

void InferLane::EvaluateCut(Clock::time_point start) {
  ThreadCounts::Batch counts(counts_);
  FillBatch();
  const Clock::time_point filled = Clock::now();
  const bool split = EvaluateBatch(counts.activity());
  const Clock::time_point evaluated = Clock::now();
  cost_.Observe(batch_.rows(), evaluated - start);
  split_.Observe(batch_.rows(), split, evaluated - filled);
  counts.Watch(batch_);
  WriteAnswers();
  Count(start, filled, evaluated, counts);
}

bool InferLane::EvaluateBatch(NetworkActivity& activity) {
  const RefusableWork work;
  const BusyThreads::Busy busy(busy_);
  const int idle = std::max(1, model_->evaluator->threads() - busy.others());
  const bool splits = idle > 1 && split_.Splits(batch_.rows());
  batch_.Evaluate(activity, splits ? idle : 1);
  return splits;
}

void InferLane::GiveUpBatch() {
  for (BatchPiece<InferJob>& piece : cut_.pieces) {
    if (piece.owned != nullptr) {
      refused_(std::move(piece.owned), RejectionReason::kMemory);
    } else if (!piece.last()) {
      piece.request->given_up = RejectionReason::kMemory;
    }
  }
  for (std::unique_ptr<InferJob>& job : written_) {
    refused_(std::move(job), RejectionReason::kMemory);
  }
  written_.clear();
}

std::optional<RejectionReason> InferLane::Write(const BatchPiece<InferJob>& piece,
                                                std::int64_t row_in_batch) {
  InferJob& job = *piece.request;
  if (job.given_up) return job.given_up;
  try {
    const RefusableWork work;
    if (!piece.whole()) job.Gather(batch_, row_in_batch, piece.first_row, piece.rows);
    if (!piece.last()) return std::nullopt;
    // Two copies: in the answer, and encoded. gRPC aborts if it finds no memory for the encoded
    // one.
    if (!HasMemoryRoom(2 * job.answer_bytes())) return RejectionReason::kMemory;
    const bool encoded =
        piece.whole() ? job.WriteAnswer(batch_, row_in_batch) : job.WriteGatheredAnswer();
    return encoded ? std::nullopt : std::optional(RejectionReason::kFailed);
  } catch (const std::bad_alloc&) {
    return RejectionReason::kMemory;
  }
}

void InferLane::FillBatch() {
  const RefusableWork work;
  rows_in_batch_.clear();
  for (const BatchPiece<InferJob>& piece : cut_.pieces) {
    rows_in_batch_.push_back(batch_.Add(piece.rows, piece.request->inputs(), piece.first_row));
  }
}

void InferLane::WriteAnswers() {
  written_.reserve(cut_.pieces.size());
  failed_.reserve(cut_.pieces.size());
  for (std::size_t i = 0; i < cut_.pieces.size(); ++i) {
    BatchPiece<InferJob>& piece = cut_.pieces[i];
    const std::optional<RejectionReason> failure = Write(piece, rows_in_batch_[i]);
    if (!piece.last()) {
      piece.request->given_up = failure;
    } else if (failure) {
      failed_.push_back({std::move(piece.owned), *failure});
    } else {
      written_.push_back(std::move(piece.owned));
    }
  }
}

void InferLane::Count(Clock::time_point start, Clock::time_point filled,
                      Clock::time_point evaluated, ThreadCounts::Batch& counts) {
  const Clock::time_point written = Clock::now();
  AnsweredRequests answered;
  for (const std::unique_ptr<InferJob>& job : written_) {
    ++answered.count;
    answered.queue += start - job->arrival;
    answered.total += written - job->arrival;
  }
  counts.Count(batch_.rows(), {filled - start, evaluated - filled, written - evaluated}, answered,
               std::chrono::system_clock::now());
  for (const std::unique_ptr<InferJob>& job : written_) {
    job->timing = {written - job->arrival, start - job->arrival, evaluated - filled, batch_.rows()};
    counts.CountRequest(job->timing.total, job->timing.queue, written,
                        [&job] { return job->slot().trace(); });
  }
  counts.End(written);
}

}  // namespace mlp
