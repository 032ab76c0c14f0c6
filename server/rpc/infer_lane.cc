#include "server/rpc/infer_lane.h"

#include <algorithm>
#include <utility>

#include "absl/time/time.h"

namespace mlp {

InferLane::InferLane(std::shared_ptr<const ServedModel> model, BusyThreads& busy, Released released,
                     Refused refused)
    : model_(std::move(model)),
      busy_(busy),
      released_(std::move(released)),
      refused_(std::move(refused)),
      queue_(model_->settings.scheduling, *model_->queue_load, model_->max_batch_rows),
      batch_(*model_->evaluator, model_->max_batch_rows),
      cost_(model_->network->parameter_count()) {}

bool InferLane::EvaluateIfReady(Clock::time_point now, bool at_once) {
  if (queue_.empty() || (!at_once && queue_.ReadyAt() > now)) return false;
  if (!model_->queue_load->TryBegin(model_->settings.scheduling.instances)) return false;
  queue_.SetMostRows(cost_.RowsOfABatch(model_->max_batch_rows));
  queue_.Cut(now, cost_.least_per_row(), cut_);
  for (const BatchCut::Refusal& refusal : cut_.refused) {
    refused_(static_cast<InferJob&>(*refusal.request), refusal.reason);
  }
  if (!cut_.pieces.empty()) {
    FillBatch();
    const Clock::time_point filled = Clock::now();
    const int others = busy_.Begin();
    batch_.Evaluate(std::max(1, model_->evaluator->threads() - others));
    busy_.End();
    const Clock::time_point evaluated = Clock::now();
    cost_.Observe(batch_.rows(), evaluated - now);
    Answer(now, filled, evaluated);
    batch_.Clear();
  }
  model_->queue_load->End();
  cut_.Clear();
  return true;
}

void InferLane::FillBatch() {
  rows_in_batch_.clear();
  for (const BatchPiece& piece : cut_.pieces) {
    rows_in_batch_.push_back(batch_.Add(piece.rows, piece.request->inputs(), piece.first_row));
  }
}

void InferLane::Answer(Clock::time_point start, Clock::time_point filled,
                       Clock::time_point evaluated) {
  answered_.clear();
  AnsweredRequests answered;
  for (std::size_t i = 0; i < cut_.pieces.size(); ++i) {
    const BatchPiece& piece = cut_.pieces[i];
    auto& job = static_cast<InferJob&>(*piece.request);
    if (!piece.whole()) job.Gather(batch_, rows_in_batch_[i], piece.first_row, piece.rows);
    if (!piece.last()) continue;
    if (piece.whole()) {
      job.WriteAnswer(batch_, rows_in_batch_[i]);
    } else {
      job.WriteGatheredAnswer();
    }
    answered_.push_back(&job);
  }
  const Clock::time_point written = Clock::now();

  // All is counted before any answer leaves, so that whoever has an answer finds it counted.
  const ModelInstruments& instruments = model_->instruments;
  instruments.activity->Add(batch_.rows(), batch_.activity(), written);
  instruments.metrics->ObserveBatch(batch_.rows(), absl::FromChrono(evaluated - filled));
  for (const InferJob* job : answered_) {
    ++answered.count;
    answered.queue += start - job->arrival;
    answered.total += written - job->arrival;
    instruments.metrics->CountRequest(absl::StatusCode::kOk);
    instruments.metrics->ObserveRequest(absl::FromChrono(written - job->arrival),
                                        absl::FromChrono(start - job->arrival));
  }
  instruments.statistics->AddBatch(batch_.rows(),
                                   {filled - start, evaluated - filled, written - evaluated},
                                   answered, std::chrono::system_clock::now());
  for (InferJob* job : answered_) {
    released_(*job);
    job->SendAnswer();
  }
}

}  // namespace mlp
