#include "server/rpc/batch_scheduler.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <new>
#include <utility>

#include "server/memory_room.h"
#include "server/rpc/refusal_counts.h"

namespace mlp {
namespace {

// Jobs kept for reuse: as many as are in flight with many clients.
constexpr std::size_t kMaxSpareJobs = 128;

// How soon to try again if other batches of a model with few instances are being evaluated.
constexpr std::chrono::microseconds kInstanceWait(100);

InferJob::Refusal RefusalOf(RejectionReason reason) { return {reason, StatusOf(reason)}; }

}  // namespace

BatchScheduler::BatchScheduler(const ModelCatalog& models, Limits limits, BusyThreads& busy,
                               Metrics& metrics)
    : limits_(limits), busy_threads_(busy), metrics_(metrics), models_(models) {
  spare_jobs_.reserve(kMaxSpareJobs);
}

void BatchScheduler::Submit(grpc::ByteBuffer& message, const Origin& origin, AnswerSlot& slot) {
  arrivals_.store(arrivals() + 1, std::memory_order_relaxed);
  // Running out of memory for one request must not end the others.
  Job job;
  std::optional<InferJob::Refusal> refusal;
  try {
    job = TakeJob();
    job->Begin(slot, origin.arrival, origin.deadline);
    refusal = refusing() ? RefusalOf(RejectionReason::kStopping) : Admit(job, message, origin);
  } catch (const std::bad_alloc&) {
    refusal = RefusalOf(RejectionReason::kMemory);
  }
  if (!refusal) return;
  if (job != nullptr) return SendError(std::move(job), *refusal);
  CountRefusal(metrics_, nullptr, refusal->reason, refusal->status.code(), {});
  slot.Answer(std::move(refusal->status));
}

std::optional<InferJob::Refusal> BatchScheduler::Admit(Job& job, grpc::ByteBuffer& message,
                                                       const Origin& origin) {
  if (absl::Status status = ReadRequestWire(message, wire_); !status.ok()) {
    return InferJob::Refusal{RejectionReason::kInvalid, std::move(status)};
  }
  // Checked first: any other answer could reveal whether there is such a model.
  if (origin.pass != nullptr) {
    if (absl::Status status = origin.pass->CheckModel(wire_.model_name); !status.ok()) {
      return InferJob::Refusal{RejectionReason::kDenied, std::move(status)};
    }
  }
  // A client that was told that a model is loaded must find it.
  models_changed_ |= models_.Refresh();
  const std::int64_t bytes =
      std::max(static_cast<std::int64_t>(message.Length()), wire_.decoded_bytes);
  const AdmissionControl::Standing standing = StandingOf(bytes, origin.taken);
  if (const auto reason = limits_.admission.Enter(bytes, standing, origin.taken)) {
    return RefuseUnread(*job, *reason);
  }
  job->admitted = true;
  job->admitted_bytes = bytes;
  if (!HasMemoryRoom(bytes)) return RefuseUnread(*job, RejectionReason::kMemory);
  if (auto refusal = Read(*job, message)) return refusal;
  // Three copies: gathered, in the answer, and encoded.
  if (!HasMemoryRoom(3 * job->answer_bytes())) return RefusalOf(RejectionReason::kMemory);
  if (const auto reason = limits_.admission.AddRows(job->rows())) return RefusalOf(*reason);
  job->admitted_rows = job->rows();
  if (const auto reason =
          limits_.answers.Hold(job->answer_bytes(), origin.connection, job->slot().held)) {
    short_of_answer_bytes_ |= limits_.answers.IsHalfHeld();
    return RefusalOf(*reason);
  }
  return job->rows() == 0 ? AnswerEmpty(job) : Enqueue(job, origin.taken);
}

std::optional<InferJob::Refusal> BatchScheduler::AnswerEmpty(Job& job) {
  {
    const RefusableWork work;
    if (!job->WriteEmptyAnswer()) return RefusalOf(RejectionReason::kFailed);
  }
  const Clock::duration taken = Clock::now() - job->arrival;
  const ModelInstruments& instruments = job->model()->instruments;
  instruments.metrics->CountEmptyRequest(taken);
  instruments.statistics->AddEmpty(taken, std::chrono::system_clock::now());
  SendAnswer(std::move(job));
  return std::nullopt;
}

std::optional<InferJob::Refusal> BatchScheduler::Read(InferJob& job, grpc::ByteBuffer& message) {
  const RefusableWork work;
  return job.Read(message, models_.table());
}

InferJob::Refusal BatchScheduler::RefuseUnread(InferJob& job, RejectionReason reason) const {
  auto model = models_.table().Find(wire_.model_name, wire_.model_version);
  if (model.ok()) job.set_model(*std::move(model));
  return RefusalOf(reason);
}

std::optional<InferJob::Refusal> BatchScheduler::Enqueue(Job& job, Clock::time_point now) {
  InferLane& lane = LaneOf(job->model());
  const InferLane::Seconds waited = lane.WaitingTime();
  const InferLane::Seconds turn = lane.TurnTime();
  if (!lane.Push(job)) return RefusalOf(RejectionReason::kQueueSize);
  if (!lane.listed) {
    waiting_.push_back(&lane);
    lane.listed_since = now;
  }
  lane.listed = true;
  waiting_time_ += lane.WaitingTime() - waited;
  turn_time_ += lane.TurnTime() - turn;
  return std::nullopt;
}

AdmissionControl::Standing BatchScheduler::StandingOf(std::int64_t bytes,
                                                      Clock::time_point now) const {
  AdmissionControl::Standing standing;
  standing.last_empty = now;
  if (waiting_.empty()) return standing;
  InferLane::Seconds others = waiting_time_;
  InferLane::Seconds turn_of_others = turn_time_;
  std::size_t other_lanes = waiting_.size();
  double turns = 1;
  const auto model = models_.table().Find(wire_.model_name, wire_.model_version);
  const auto found = model.ok() ? lanes_.find(model->get()) : lanes_.end();
  if (found != lanes_.end()) {
    const InferLane& lane = *found->second;
    // Most of a request is values. The rest makes the number of rows appear a little larger than it
    // is.
    const std::int64_t rows =
        std::clamp<std::int64_t>(bytes / (*model)->row_bytes, 1, (*model)->max_batch_rows);
    standing.own = lane.TimeOf(rows);
    standing.wait = lane.TimeBefore(rows);
    // Also at the pace used for the wait: the last batch may have been a quick one.
    standing.batch = std::max(lane.cost().batch(), lane.FullTurnTime());
    if (lane.listed) {
      standing.last_empty = lane.listed_since;
      others -= lane.WaitingTime();
      turn_of_others -= lane.TurnTime();
      --other_lanes;
    }
    // Each batch of this model waits for one batch of each other model.
    turns = std::max(turns, std::ceil((standing.wait + standing.own) / lane.FullTurnTime()));
  }
  if (other_lanes == 0) return standing;
  standing.wait += std::min(others, turns * turn_of_others);
  standing.batch_of_others = turn_of_others / static_cast<double>(other_lanes);
  return standing;
}

InferLane& BatchScheduler::LaneOf(const std::shared_ptr<const ServedModel>& model) {
  const auto found = lanes_.find(model.get());
  if (found != lanes_.end()) return *found->second;
  // If there is no memory for the lane, no entry is made either.
  const RefusableWork work;
  if (!HasMemoryRoom(model->evaluator->workspace_bytes())) throw std::bad_alloc();
  // Each lane has its place in waiting_, so that listing it cannot fail.
  if (waiting_.capacity() <= lanes_.size()) waiting_.reserve(2 * lanes_.size() + 1);
  auto lane = std::make_unique<InferLane>(
      model, busy_threads_, [this](Job job) { SendAnswer(std::move(job)); },
      [this](Job job, RejectionReason reason) { SendError(std::move(job), RefusalOf(reason)); });
  return *lanes_.emplace(model.get(), std::move(lane)).first->second;
}

BatchScheduler::Clock::time_point BatchScheduler::EvaluateRound(Clock::time_point now) {
  busy_.store(true, std::memory_order_relaxed);
  // While requests are refused, none waits for others to come.
  const bool at_once = refusing();
  Clock::time_point next = Clock::time_point::max();
  waiting_time_ = turn_time_ = InferLane::Seconds(0);
  std::size_t kept = 0;
  for (InferLane* const lane : waiting_) {
    const bool evaluated = lane->EvaluateIfReady(now, at_once);
    if (evaluated) now = Clock::now();
    lane->listed = !lane->queue().empty();
    if (!lane->listed) continue;
    waiting_[kept++] = lane;
    waiting_time_ += lane->WaitingTime();
    turn_time_ += lane->TurnTime();
    const Clock::time_point ready = lane->queue().ReadyAt();
    next = std::min(next, evaluated ? ready : std::max(ready, now + kInstanceWait));
  }
  waiting_.resize(kept);
  busy_.store(!waiting_.empty(), std::memory_order_relaxed);
  models_changed_ |= models_.Refresh();
  if (models_changed_) DropLanesOfModelsThatWent();
  return next;
}

void BatchScheduler::DropLanesOfModelsThatWent() {
  models_changed_ = false;
  absl::erase_if(lanes_, [this](const auto& entry) {
    const InferLane& lane = *entry.second;
    const auto found = models_.table().Find(lane.model()->name, lane.model()->version);
    if (found.ok() && *found == lane.model()) return false;
    // It is dropped when its last request is done.
    if (!lane.queue().empty()) models_changed_ = true;
    return lane.queue().empty();
  });
}

BatchScheduler::Job BatchScheduler::TakeJob() {
  if (spare_jobs_.empty()) return std::make_unique<InferJob>();
  Job job = std::move(spare_jobs_.back());
  spare_jobs_.pop_back();
  return job;
}

void BatchScheduler::SendAnswer(Job job) {
  Tell(*job, absl::OkStatus());
  Leave(*job);
  job->SendAnswer();
  Keep(std::move(job));
}

void BatchScheduler::SendError(Job job, const InferJob::Refusal& refusal) {
  job->timing.total = Clock::now() - job->arrival;
  CountRefusal(metrics_, job->model().get(), refusal.reason, refusal.status.code(),
               job->timing.total);
  // The audit reports callers that may not ask.
  if (refusal.reason != RejectionReason::kDenied) Tell(*job, refusal.status);
  Leave(*job);
  job->SendError(refusal.status);
  Keep(std::move(job));
}

void BatchScheduler::Tell(const InferJob& job, const absl::Status& status) {
  const InferJob::Timing& timing = job.timing;
  if (limits_.requests == nullptr || !limits_.requests->Wants(timing.total, status.code())) return;
  try {
    const RefusableWork work;
    // The rows are known only if the request was read.
    limits_.requests->Write({job.model(), job.admitted_rows, status, timing.total, timing.queue,
                             timing.compute, timing.batch_rows, job.slot().trace(), job.id()});
  } catch (const std::bad_alloc&) {
    // The answer is more important than the log.
  }
}

void BatchScheduler::Leave(InferJob& job) {
  if (job.admitted) limits_.admission.Leave(job.admitted_bytes, job.admitted_rows);
  job.admitted = false;
}

void BatchScheduler::Keep(Job job) {
  if (spare_jobs_.size() < kMaxSpareJobs) spare_jobs_.push_back(std::move(job));
}

}  // namespace mlp
